import type { EventExcerpt } from "../../kernel/event-excerpt.ts";
import type { RowChange } from "../change.ts";

export function projectDetection(
  { id, value }: EventExcerpt<"signals.detection.v1">,
  record: Uint8Array,
): readonly RowChange[] {
  return [
    {
      table: "detections",
      row: {
        event_id: id,
        symbol: value.symbol,
        happened_at: value.happenedAt,
        published_at: value.publishedAt,
        captured_at: value.capturedAt,
        simulated: value.simulated,
        features_id: value.featuresId,
        detector: value.detector,
        trigger: value.trigger.toLowerCase(),
        slot: value.slot,
        score: value.score,
        confidence: value.confidence,
        label: value.label,
        data_sources: value.dataSources,
        error: value.error,
        event: record,
      },
    },
  ];
}
