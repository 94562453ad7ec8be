import type { EventExcerpt } from "../../kernel/event-excerpt.ts";
import type { RowChange } from "../change.ts";
import { runIdOfVerdict } from "./run-id.ts";

export function projectVerdict(
  { id, value }: EventExcerpt<"signals.verdict.v1">,
  record: Uint8Array,
): readonly RowChange[] {
  const failed = value.gates.filter(({ hard, outcome }) => hard && outcome === "FAILED");
  return [
    {
      table: "verdicts",
      row: {
        event_id: id,
        run_id: runIdOfVerdict(value),
        symbol: value.symbol,
        happened_at: value.happenedAt,
        published_at: value.publishedAt,
        captured_at: value.capturedAt,
        simulated: value.simulated,
        features_id: value.featuresId,
        detection_ids: value.detectionIds,
        trigger: value.trigger.toLowerCase(),
        slot: value.slot,
        session: value.session.toLowerCase(),
        trading_day: value.tradingDay,
        strategy: value.strategy,
        profile: value.profile,
        preset: value.preset,
        config_version: value.configVersion,
        price: value.price,
        passed: value.passed,
        label: value.label.toLowerCase(),
        score: value.score,
        raw_score: value.rawScore,
        confidence: value.confidence,
        first_failure: value.firstFailure,
        failed_gates: failed.length,
        soft_penalties: value.softPenalties.map(({ name, penalty, detail }) => ({
          name,
          penalty,
          detail,
        })),
        event: record,
      },
    },
  ];
}
