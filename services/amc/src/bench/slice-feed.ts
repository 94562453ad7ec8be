import { partitionOf } from "@amc/platform/log/partitioner";
import type { Append, Log } from "@amc/platform/log/port";
import type { FactSlice } from "@amc/replay/slices";
import { encodeEvent } from "@amc/schemas/codec";
import { eventHeaders } from "@amc/schemas/headers";
import { uuidOf } from "@amc/streams/kernel/ids";

const CLOCK = "ops.clock.v1";

/**
 * Writes slices one at a time, as a live feed and its scheduler would: facts and the tick that
 * covers them, to every partition, in one commit.
 */
export class SliceFeed {
  readonly #log: Log;
  readonly #partitions: number;
  /** Topic by partition: records written. */
  readonly #ends: Map<string, number>[];

  /** The feed must be the only writer of facts to a log that holds none. */
  constructor(log: Log) {
    this.#log = log;
    this.#partitions = log.partitions(CLOCK);
    this.#ends = Array.from({ length: this.#partitions }, () => new Map());
  }

  async write(slice: FactSlice): Promise<void> {
    const appends: Append[] = [];
    for (const { append, topic } of slice.facts) {
      const partition = partitionOf(append.key ?? "", this.#partitions);
      const ends = this.#ends[partition];
      ends?.set(topic, (ends.get(topic) ?? 0) + 1);
      appends.push({ ...append, partition });
    }
    this.#ends.forEach((ends, partition) => {
      appends.push(tickOf(slice, partition, ends));
    });
    await this.#log.commit({ appends });
  }
}

function tickOf(
  { atMs, discovery }: FactSlice,
  partition: number,
  ends: ReadonlyMap<string, number>,
): Append {
  const cuts = [...ends].map(([topic, endOffset]) => ({ topic, endOffset }));
  return {
    topic: CLOCK,
    partition,
    key: null,
    value: encodeEvent(CLOCK, { happenedAt: atMs, cuts, discovery, source: "replay" }),
    headers: eventHeaders({
      id: uuidOf(`clock/${atMs}/${partition}`),
      source: "/amc/bench",
      topic: CLOCK,
      happenedAt: atMs,
    }),
  };
}
