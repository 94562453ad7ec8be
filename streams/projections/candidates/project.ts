import type { StageEvent } from "../../kernel/stage.ts";
import type { RowChange } from "../change.ts";

export function projectCandidate(
  { id, value }: StageEvent<"discovery.candidate.v1">,
  record: Uint8Array,
): readonly RowChange[] {
  return [
    {
      table: "candidates",
      row: {
        event_id: id,
        symbol: value.symbol,
        happened_at: value.happenedAt,
        published_at: value.publishedAt,
        captured_at: value.capturedAt,
        simulated: value.simulated,
        trading_day: value.tradingDay,
        slot: value.slot,
        trigger: value.trigger.toLowerCase(),
        session: value.session.toLowerCase(),
        strategy: value.strategy,
        profile: value.profile,
        preset: value.preset,
        config_version: value.configVersion,
        verdict_id: value.verdictId,
        features_id: value.featuresId,
        score: value.score,
        confidence: value.confidence,
        listed: value.listed,
        label: value.label.toLowerCase(),
        price: value.price,
        volume_spike: value.volumeSpike,
        short_fraction: value.shortFraction,
        squeeze_label: value.squeezeLabel,
        squeeze_score: value.squeezeScore,
        event: record,
      },
    },
  ];
}
