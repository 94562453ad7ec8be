import { nextOffset } from "../next-offset.ts";
import type { Append, Committed, Log, LogRecord } from "../port.ts";

const MARKER = "test-marker";
const ALL = { maxRecords: 1_000_000, maxBytes: 2 ** 40 };

/**
 * A log whose commits leave an offset without a record behind, in every partition that they wrote
 * to, as a transaction on Kafka does: readers never see the markers, and the end is in front of them.
 */
export function logWithMarkers(inner: Log): Log {
  const visible = (records: readonly LogRecord[]) =>
    records.filter(({ headers }) => headers[MARKER] === undefined);
  const endOffset = async (topic: string, partition: number): Promise<number> => {
    const start = await inner.startOffset(topic, partition);
    return nextOffset(visible(await inner.read(topic, partition, start, ALL)), start);
  };
  return {
    partitions: (topic) => inner.partitions(topic),
    topics: () => inner.topics(),
    startOffset: (topic, partition) => inner.startOffset(topic, partition),
    endOffset,
    appendOffset: (topic, partition) => inner.appendOffset(topic, partition),
    offsetAtTime: (topic, partition, ms) => inner.offsetAtTime(topic, partition, ms),
    waitFor: (topic, partition, offset, signal) => inner.waitFor(topic, partition, offset, signal),
    acquire: (group, partition) => inner.acquire(group, partition),
    positions: (group, partition) => inner.positions(group, partition),
    state: (group, partition) => inner.state(group, partition),
    truncateBefore: (topic, partition, offset) => inner.truncateBefore(topic, partition, offset),
    close: () => inner.close(),
    read: async (topic, partition, offset, { maxRecords }) => {
      const found = await inner.read(topic, partition, offset, ALL);
      return visible(found).slice(0, maxRecords);
    },
    commit: async (commit): Promise<Committed> => {
      const markers = new Map<string, Append>();
      for (const { topic, partition = 0 } of commit.appends) {
        const headers = { [MARKER]: "" };
        markers.set(`${topic}/${partition}`, {
          ...{ topic, partition, headers },
          key: null,
          value: null,
        });
      }
      const appends = [...commit.appends, ...markers.values()];
      const { offsets } = await inner.commit({ ...commit, appends });
      return { offsets: offsets.slice(0, commit.appends.length) };
    },
  };
}
