import type { Append } from "../port.ts";

/** A record as the clients send it. */
export interface Outgoing {
  /** As the brokers know it, with the prefix. */
  readonly topic: string;
  readonly partition: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: ReadonlyMap<string, string>;
  /** About what it takes in a batch. */
  readonly bytes: number;
}

/** Lengths, offsets and times of a record and of each of its headers, at most. */
const RECORD_OVERHEAD = 32;
const HEADER_OVERHEAD = 6;
/** UTF-8 needs at most three bytes for one UTF-16 unit. */
const MAX_BYTES_PER_UNIT = 3;

/** Copies everything: the caller may use its buffers again at once. */
export function toOutgoing(
  topic: string,
  partition: number,
  { key, value, headers }: Pick<Append, "key" | "value" | "headers">,
): Outgoing {
  const entries = new Map(Object.entries(headers));
  let units = 0;
  for (const [name, text] of entries) units += name.length + text.length;
  const keyBytes = key === null ? null : Buffer.from(key);
  const bytes =
    RECORD_OVERHEAD +
    (keyBytes?.length ?? 0) +
    (value?.length ?? 0) +
    entries.size * HEADER_OVERHEAD +
    units * MAX_BYTES_PER_UNIT;
  return {
    topic,
    partition,
    key: keyBytes,
    value: value === null ? null : Buffer.from(value),
    headers: entries,
    bytes,
  };
}

/**
 * Splits records into rounds that are sent one after the other, so that no batch of a partition is
 * larger than its topic takes; order is kept. A record that is larger alone gets a round of its own.
 */
export function rounds(
  records: readonly Outgoing[],
  limits: { readonly partitionBytes: number; readonly roundBytes: number },
): (readonly Outgoing[])[] {
  const all: Outgoing[][] = [];
  let round: Outgoing[] = [];
  let roundBytes = 0;
  const partitionBytes = new Map<string, number>();
  for (const record of records) {
    const id = `${record.partition}\u0000${record.topic}`;
    const bytes = (partitionBytes.get(id) ?? 0) + record.bytes;
    const isFull = bytes > limits.partitionBytes || roundBytes + record.bytes > limits.roundBytes;
    if (isFull && round.length > 0) {
      all.push(round);
      round = [];
      roundBytes = 0;
      partitionBytes.clear();
    }
    round.push(record);
    roundBytes += record.bytes;
    partitionBytes.set(id, (partitionBytes.get(id) ?? 0) + record.bytes);
  }
  if (round.length > 0) all.push(round);
  return all;
}
