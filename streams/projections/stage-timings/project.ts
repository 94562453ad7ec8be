import type { StageEvent } from "../../kernel/stage.ts";
import type { RowChange } from "../change.ts";
import type { ProjectionName } from "../projections.ts";

/** Timings of work outside a slot belong to no row of the read model. */
export function projectStageTiming(
  { value }: StageEvent<"ops.stage-timing.v1">,
  projection: ProjectionName,
): readonly RowChange[] {
  const { slot } = value;
  if (slot === null) return [];
  return [
    {
      table: "stage_timings",
      row: {
        projection,
        stage: value.stage,
        partition: value.partition,
        happened_at: value.happenedAt,
        slot,
        events: value.events,
        total_ms: value.totalMs,
        max_ms: value.maxMs,
        errors: value.errors,
      },
    },
  ];
}
