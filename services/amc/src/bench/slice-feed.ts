import { partitionOf } from "@amc/platform/log/partitioner";
import type { Append, Log } from "@amc/platform/log/port";
import { sliceTick } from "@amc/replay/slice-writer";
import type { FactSlice } from "@amc/replay/slices";

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
      const cuts = [...ends].map(([topic, endOffset]) => ({ topic, endOffset }));
      appends.push(sliceTick(slice, partition, cuts, "/amc/bench"));
    });
    await this.#log.commit({ appends });
  }
}
