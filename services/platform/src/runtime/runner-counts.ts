/** What a runner did with its input: applied + dead-lettered + skipped are all of it. */
export interface RunnerCounts {
  applied: number;
  deadLettered: number;
  /** Dead letters by the code of their reason. */
  refusals: Map<string, number>;
  skipped: Map<string, number>;
  late: number;
  ticks: number;
  emitted: number;
  commits: number;
  /** Of the values of the facts that reached the stages. */
  bytes: number;
}

export function newCounts(): RunnerCounts {
  return {
    applied: 0,
    deadLettered: 0,
    refusals: new Map(),
    skipped: new Map(),
    late: 0,
    ticks: 0,
    emitted: 0,
    commits: 0,
    bytes: 0,
  };
}

export function countSkips({ skipped }: RunnerCounts, reason: string, count: number): void {
  skipped.set(reason, (skipped.get(reason) ?? 0) + count);
}

export function countRefusals(counts: RunnerCounts, code: string, count: number): void {
  counts.deadLettered += count;
  counts.refusals.set(code, (counts.refusals.get(code) ?? 0) + count);
}

/** Adds what one batch, or another partition, did to a sum. */
export function addCounts(sum: RunnerCounts, more: RunnerCounts): void {
  sum.applied += more.applied;
  sum.late += more.late;
  sum.ticks += more.ticks;
  sum.emitted += more.emitted;
  sum.commits += more.commits;
  sum.bytes += more.bytes;
  for (const [code, count] of more.refusals) countRefusals(sum, code, count);
  for (const [reason, count] of more.skipped) countSkips(sum, reason, count);
}
