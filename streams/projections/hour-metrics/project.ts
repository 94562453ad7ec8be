import type { StageEvent } from "../../kernel/stage.ts";
import type { RowChange } from "../change.ts";

export function projectHourMetric(
  { id, value: figure }: StageEvent<"ops.hour-metric.v1">,
  record: Uint8Array,
): readonly RowChange[] {
  const { metric, subject, simulated, happenedAt, value, verdict } = figure;
  const row = { event_id: id, metric, subject, simulated, value, verdict, event: record };
  return [{ table: "hour_metrics", row: { ...row, happened_at: happenedAt } }];
}
