import type { StageEvent } from "../../kernel/stage.ts";
import type { RowChange } from "../change.ts";
import { roundHalfAwayFromZero } from "../decimal.ts";

export function projectRecommendation(
  { id, value }: StageEvent<"discovery.recommendation.v1">,
  record: Uint8Array,
): readonly RowChange[] {
  const { sharesShort } = value;
  return [
    {
      table: "recommendations",
      row: {
        event_id: id,
        symbol: value.symbol,
        happened_at: value.happenedAt,
        published_at: value.publishedAt,
        captured_at: value.capturedAt,
        simulated: value.simulated,
        run_id: value.runId,
        slot: value.slot,
        trading_day: value.tradingDay,
        session: value.session.toLowerCase(),
        rank: value.rank,
        label: value.label.toLowerCase(),
        previous_label: value.previousLabel.toLowerCase(),
        score: value.score,
        confidence: value.confidence,
        price: value.price,
        strategy: value.strategy,
        profile: value.profile,
        preset: value.preset,
        config_version: value.configVersion,
        verdict_id: value.verdictId,
        features_id: value.featuresId,
        thesis: value.thesis,
        short_interest_shares: sharesShort === null ? null : roundHalfAwayFromZero(sharesShort, 0),
        short_percent_float: value.shortFraction,
        days_to_cover: value.daysToCover,
        short_interest_quality: value.shortInterestQuality,
        short_interest_updated_at: value.shortPublishedAt,
        created_at: value.happenedAt,
        event: record,
      },
    },
  ];
}
