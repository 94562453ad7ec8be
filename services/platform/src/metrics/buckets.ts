/**
 * Upper bounds of histograms, seconds. A commit takes a millisecond on an idle machine and minutes
 * at worst (a client that repeats a send for 40 s); finer steps lie where the targets do, 15 to 100 ms.
 */
export const COMMIT_SECONDS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60,
] as const;

/** From a tick to what follows from it; the last bounds are for a system that catches up. */
export const LATENCY_SECONDS = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 3_600, 86_400,
] as const;

/** Records of one commit: 10,000 is the default limit, and a slice is never split. */
export const BATCH_RECORDS = [1, 10, 100, 1_000, 5_000, 10_000, 50_000, 100_000] as const;

/** An attempt at a job: a look takes milliseconds, a collection of the whole market minutes, and three hours are the longest limit. */
export const JOB_SECONDS = [0.01, 0.1, 1, 5, 15, 60, 300, 900, 1_800, 3_600, 10_800] as const;
