import type { Append, Commit, Lease, Log, LogRecord, TopicLayout } from "../port.ts";

/** Commits with consecutive numbers whose traces in a log can be checked for being whole. */

export const INPUT = "market.price-tick.v1";
export const OUTPUT = "signals.features.v1";
export const NUMBERED_LAYOUT: readonly TopicLayout[] = [
  { topic: INPUT, partitions: 2 },
  { topic: OUTPUT, partitions: 2 },
];

const GROUP = "numbered";
const STORE = "last";
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function takeOver(log: Log): Promise<Lease> {
  return log.acquire(GROUP, 0);
}

/** Records of a commit; between 1 and 12, so that commits differ in size. */
function recordsOf(number: number): number {
  return 1 + ((number * 7) % 12);
}

/** Writes to both topics, moves a position and replaces a state value, all named by the number. */
export function numberedCommit(number: number, lease: Lease, valueBytes = 100): Commit {
  const appends: Append[] = [];
  for (let i = 0; i < recordsOf(number); i++) {
    for (const topic of [INPUT, OUTPUT]) {
      const value = new Uint8Array(valueBytes).fill(number % 251);
      appends.push({
        topic,
        partition: i % 2,
        key: `${number}`,
        value,
        headers: { ce_id: `${i}` },
      });
    }
  }
  return {
    lease,
    appends,
    positions: [{ topic: INPUT, partition: 0, next: number }],
    state: [{ store: STORE, key: "number", value: encoder.encode(`${number}`) }],
  };
}

/** Number of the last commit as its state tells it; 0 when there was none. */
export async function lastNumber(log: Log): Promise<number> {
  for await (const { value } of log.state(GROUP, 0)) {
    if (value !== null) return Number(decoder.decode(value));
  }
  return 0;
}

/**
 * What is wrong with a log of numbered commits of which `acknowledged` was the last to be
 * acknowledged: empty when it holds commits 1 to n, each whole, and n is not below it.
 */
export async function faultsOf(log: Log, acknowledged: number): Promise<string[]> {
  const last = await lastNumber(log);
  const faults: string[] = [];
  if (last < acknowledged) faults.push(`commit ${acknowledged} was acknowledged, state is ${last}`);
  const [position] = await log.positions(GROUP, 0);
  if ((position?.next ?? 0) !== last) faults.push(`state is ${last}, position ${position?.next}`);
  for (const topic of [INPUT, OUTPUT]) {
    const counts = await recordCounts(log, topic);
    for (let number = 1; number <= Math.max(last, ...counts.keys()); number++) {
      const expected = number <= last ? recordsOf(number) : 0;
      const found = counts.get(number) ?? 0;
      if (found !== expected) faults.push(`${topic} holds ${found}/${expected} of ${number}`);
    }
  }
  return faults;
}

/** Records of each commit, which must stand in the order of the commits. */
async function recordCounts(log: Log, topic: string): Promise<Map<number, number>> {
  const counts = new Map<number, number>();
  for (let partition = 0; partition < log.partitions(topic); partition++) {
    let previous = 0;
    for await (const { key, offset } of recordsIn(log, topic, partition)) {
      const number = Number(key);
      if (number < previous) throw new Error(`${topic}/${partition}@${offset} is out of order`);
      previous = number;
      counts.set(number, (counts.get(number) ?? 0) + 1);
    }
  }
  return counts;
}

export async function* recordsIn(
  log: Log,
  topic: string,
  partition: number,
): AsyncGenerator<LogRecord> {
  let offset = await log.startOffset(topic, partition);
  for (;;) {
    const records = await log.read(topic, partition, offset, {
      maxRecords: 500,
      maxBytes: 1 << 20,
    });
    if (records.length === 0) return;
    yield* records;
    offset += records.length;
  }
}
