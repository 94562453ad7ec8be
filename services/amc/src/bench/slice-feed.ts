import { partitionOf } from "@amc/platform/log/partitioner";
import type { Append, Log } from "@amc/platform/log/port";
import { sliceTick } from "@amc/replay/slice-writer";
import type { FactSlice } from "@amc/replay/slices";

const CLOCK = "ops.clock.v1";

/**
 * Writes slices one at a time, as a live feed and its scheduler would: the facts, and when they are in
 * the log the tick that covers them, to every partition.
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
    await this.writeFacts(slice);
    await this.close(slice);
  }

  async writeFacts(slice: FactSlice): Promise<void> {
    const appends: Append[] = [];
    for (const { append, topic } of slice.facts) {
      const partition = partitionOf(append.key ?? "", this.#partitions);
      const ends = this.#ends[partition];
      ends?.set(topic, (ends.get(topic) ?? 0) + 1);
      appends.push({ ...append, partition });
    }
    if (appends.length > 0) await this.#log.commit({ appends });
  }

  /** Writes the tick of a slice whose facts are written. */
  async close(slice: FactSlice): Promise<void> {
    const appends = this.#ends.map((ends, partition) => {
      const cuts = [...ends].map(([topic, endOffset]) => ({ topic, endOffset }));
      return sliceTick(slice, partition, cuts, "/amc/bench");
    });
    await this.#log.commit({ appends });
  }
}
