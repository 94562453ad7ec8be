import { DAY_MS } from "../market/calendar-date.ts";

/** Over which the success of jobs is counted: the rarest of them runs weekly. */
export const JOB_SPAN_MS = 30 * DAY_MS;

/** R-JOB-20: at least so many of the runs succeed. */
export const JOB_SUCCESS_TARGET = 0.98;

export interface JobOutcomes {
  readonly succeeded: number;
  /** Given up after their last attempt. */
  readonly failed: number;
}

/** Share of the runs that succeeded of those that were done or given up; null, and never 1, of none. */
export function successRatio(outcomes: readonly JobOutcomes[]): number | null {
  const succeeded = outcomes.reduce((sum, each) => sum + each.succeeded, 0);
  const failed = outcomes.reduce((sum, each) => sum + each.failed, 0);
  return succeeded + failed === 0 ? null : succeeded / (succeeded + failed);
}
