import type { Append, Commit, Lease, TopicLayout } from "@amc/platform/log/port";

/**
 * Commits named by consecutive numbers alone, so that what a log must hold after commit n can be
 * computed without the log.
 */
export const FACTS = "facts";
const RESULTS = "results";
export const LAYOUT: readonly TopicLayout[] = [
  { topic: FACTS, partitions: 2 },
  { topic: RESULTS, partitions: 2 },
];
export const GROUP = "numbered";
export const APPENDED_AT_MS = 1_610_548_200_000;

const STORE = "window";
/** State holds the number itself and a few keys that are replaced and removed. */
const KEYS = 5;
const REMOVED_EVERY = 7;
/** The larger ones need more than one page of the store. */
const RECORDS = [1, 4, 9, 2, 12] as const;
const VALUE_BYTES = [24, 200, 40, 1_800] as const;

const encoder = new TextEncoder();

export function numberedCommit(number: number, lease: Lease): Commit {
  const key = `k${number % KEYS}`;
  const value = number % REMOVED_EVERY === 0 ? null : encoder.encode(`${key}=${number}`);
  return {
    lease,
    appends: appendsOf(number),
    positions: [{ topic: FACTS, partition: 0, next: number }],
    state: [
      { store: STORE, key: "number", value: encoder.encode(`${number}`) },
      { store: STORE, key, value },
    ],
  };
}

/** Every state asks for those of all commits before it. */
const appendsByNumber = new Map<number, readonly Append[]>();

function appendsOf(number: number): readonly Append[] {
  const known = appendsByNumber.get(number);
  if (known !== undefined) return known;
  const appends = newAppends(number);
  appendsByNumber.set(number, appends);
  return appends;
}

function newAppends(number: number): Append[] {
  const records = RECORDS[number % RECORDS.length] ?? 1;
  const bytes = VALUE_BYTES[number % VALUE_BYTES.length] ?? 1;
  return Array.from({ length: records }, (_, i) => i).flatMap((i) =>
    [FACTS, RESULTS].map((topic) => ({
      topic,
      partition: i % 2,
      key: `${number}`,
      value: new Uint8Array(bytes).fill((number * 31 + i) % 251),
      headers: { ce_id: `${number}-${i}` },
    })),
  );
}

/** Records of one partition after commits 1 to `last`, in order from offset 0. */
export function recordsAfter(last: number, topic: string, partition: number): readonly Append[] {
  return numbersTo(last).flatMap((number) =>
    appendsOf(number).filter((append) => append.topic === topic && append.partition === partition),
  );
}

/** Keyed state after commits 1 to `last`, as texts. */
export function stateAfter(last: number): ReadonlyMap<string, string> {
  const state = new Map<string, string>();
  for (const number of numbersTo(last)) {
    const key = `k${number % KEYS}`;
    state.set("number", `${number}`);
    if (number % REMOVED_EVERY === 0) state.delete(key);
    else state.set(key, `${key}=${number}`);
  }
  return state;
}

function numbersTo(last: number): number[] {
  return Array.from({ length: last }, (_, i) => i + 1);
}
