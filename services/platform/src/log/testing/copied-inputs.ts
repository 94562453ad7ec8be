import type { Append, Commit, Lease } from "../port.ts";

/** What a copying process and its checker agree on. */
export const COPIED = "signals.features.v1";
export const COPIED_LAYOUT = [{ topic: COPIED, partitions: 2 }];
export const COPIER_GROUP = "copier";
const RECORDS_PER_INPUT = 5;

/**
 * Copies one input, and moves position and state behind it. Without marks an output is not found again: a
 * check that does not notice this proves nothing.
 */
export function copyCommit(lease: Lease, input: number, isMarked = true): Commit {
  return {
    lease,
    appends: Array.from({ length: RECORDS_PER_INPUT }, (_, index) =>
      copyOf(input, index, isMarked),
    ),
    positions: [{ topic: COPIED, partition: 0, next: input + 1 }],
    state: [{ store: "copied", key: "inputs", value: Buffer.from(`${input + 1}`) }],
  };
}

function copyOf(input: number, index: number, isMarked: boolean): Append {
  const source = `${COPIED}/0/${input}#${index}`;
  return {
    topic: COPIED,
    partition: index % 2,
    key: "GME",
    value: Buffer.from(`${input}#${index}`),
    headers: isMarked ? { "amc-stage": "copier", "amc-source": source } : {},
  };
}

/** All copies of committed inputs, then those of the one that a kill cut off, as far as they came. */
export function expectedIn(partition: number, found: readonly string[], next: number): string[] {
  const expected: string[] = [];
  for (let input = 0; input <= next; input += 1) {
    for (let index = partition; index < RECORDS_PER_INPUT; index += 2) {
      expected.push(`${input}#${index}`);
    }
  }
  const committed = next * Math.ceil((RECORDS_PER_INPUT - partition) / 2);
  return expected.slice(0, Math.max(committed, found.length));
}
