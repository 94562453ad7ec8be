import { DAY_MS } from "@amc/streams/market/calendar-date";
import type { JobStanding } from "../read-model/port.ts";

/** Over which the success of jobs is counted: the rarest of them runs weekly. */
export const JOB_SPAN_MS = 30 * DAY_MS;

/** Share of the runs that succeeded of those that were done or given up; null, and never 1, of none. */
export function successRatio(
  standings: readonly Pick<JobStanding, "succeeded" | "failed">[],
): number | null {
  const succeeded = standings.reduce((sum, standing) => sum + standing.succeeded, 0);
  const failed = standings.reduce((sum, standing) => sum + standing.failed, 0);
  return succeeded + failed === 0 ? null : succeeded / (succeeded + failed);
}
