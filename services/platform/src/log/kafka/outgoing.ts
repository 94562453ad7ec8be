import type { Append } from "../port.ts";
import { recordBody } from "./record-body.ts";

/** A record on its way to the brokers. */
export interface Outgoing {
  /** As the brokers know it, with the prefix. */
  readonly topic: string;
  readonly partition: number;
  /** Key, value and headers, encoded. */
  readonly body: Uint8Array;
  /** What it takes in a batch, at most. */
  readonly bytes: number;
}

/** Length, attributes, time and offset of a record, at most. */
const RECORD_OVERHEAD = 12;

/** Copies everything: the caller may use its buffers again at once. `rewriteValue` as `recordBody`. */
export function toOutgoing(
  topic: string,
  partition: number,
  record: Pick<Append, "key" | "value" | "headers">,
  rewriteValue?: (value: Uint8Array) => void,
): Outgoing {
  const body = recordBody(record, rewriteValue);
  return { topic, partition, body, bytes: RECORD_OVERHEAD + body.length };
}

/**
 * Splits records into rounds that are sent one after the other, so that no batch of a partition is
 * larger than its topic takes; order is kept. A record that is larger alone gets a round of its own.
 */
export function rounds(
  records: readonly Outgoing[],
  limits: {
    readonly partitionBytes: number;
    readonly roundBytes: number;
    readonly roundRecords?: number;
  },
): (readonly Outgoing[])[] {
  const all: Outgoing[][] = [];
  let round: Outgoing[] = [];
  let roundBytes = 0;
  const partitionBytes = new Map<string, number>();
  for (const record of records) {
    const id = `${record.partition}\u0000${record.topic}`;
    const bytes = (partitionBytes.get(id) ?? 0) + record.bytes;
    const isFull =
      bytes > limits.partitionBytes ||
      roundBytes + record.bytes > limits.roundBytes ||
      round.length >= (limits.roundRecords ?? Number.POSITIVE_INFINITY);
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
