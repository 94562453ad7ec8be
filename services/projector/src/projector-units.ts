import type { ProjectionName } from "@amc/streams/projections/projections";

/**
 * What one projector process does at a time. A unit holds whole projections: joins read what other
 * partitions have written, and two transactions side by side would each miss the other's rows. `calendar`
 * goes with `discovery`, because it takes cached answers away that `discovery` has written.
 */
export const PROJECTOR_UNITS: ReadonlyMap<string, readonly ProjectionName[]> = new Map<
  string,
  readonly ProjectionName[]
>([
  ["projector.signals", ["signals"]],
  ["projector.discovery", ["discovery", "calendar"]],
  ["projector.prices", ["prices"]],
  ["projector.features", ["features"]],
]);
