/** What a runner did with its input: applied + dead-lettered + skipped are all of it. */
export interface RunnerCounts {
  applied: number;
  deadLettered: number;
  skipped: Map<string, number>;
  late: number;
  ticks: number;
  emitted: number;
  commits: number;
}

export function newCounts(): RunnerCounts {
  return {
    applied: 0,
    deadLettered: 0,
    skipped: new Map(),
    late: 0,
    ticks: 0,
    emitted: 0,
    commits: 0,
  };
}

export function countSkips({ skipped }: RunnerCounts, reason: string, count: number): void {
  skipped.set(reason, (skipped.get(reason) ?? 0) + count);
}

/** Adds what one batch, or another partition, did to a sum. */
export function addCounts(sum: RunnerCounts, more: RunnerCounts): void {
  sum.applied += more.applied;
  sum.deadLettered += more.deadLettered;
  sum.late += more.late;
  sum.ticks += more.ticks;
  sum.emitted += more.emitted;
  sum.commits += more.commits;
  for (const [reason, count] of more.skipped) countSkips(sum, reason, count);
}
