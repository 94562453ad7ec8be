import { JOBS, type Job, type JobName } from "./job-table.ts";

/** Why a run is not done: `JobRun.reason`. */
export type SkipReason =
  /** A newer run of its job waits, which does the work of both. */
  | "superseded"
  /** Taken only after its next instant, and its misfire policy is to skip. */
  | "too-late";

/**
 * Why a run that is taken at `nowMs` is not to be done, or null. `newerMs` is the newest instant of the
 * same job that waits behind it; all of them UTC ms.
 */
export function skipReason(
  job: JobName,
  atMs: number,
  nowMs: number,
  newerMs: number | null,
): SkipReason | null {
  if (newerMs !== null && newerMs > atMs) return "superseded";
  const rules: Job = JOBS[job];
  if (rules.misfire === "run-once-late" || rules.kind === "daily") return null;
  return nowMs - atMs > rules.everyMs ? "too-late" : null;
}
