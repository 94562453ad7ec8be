import { nextOffset } from "../next-offset.ts";
import type { Append, Commit, Committed, Log, LogRecord } from "../port.ts";
import { logWithCommit } from "./log-with-commit.ts";

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
  const commit = async (commit: Commit): Promise<Committed> => {
    const markers = new Map<string, Append>();
    for (const { topic, partition = 0 } of commit.appends) {
      const headers = { [MARKER]: "" };
      const marker = { ...{ topic, partition, headers }, key: null, value: null };
      markers.set(`${topic}/${partition}`, marker);
    }
    const appends = [...commit.appends, ...markers.values()];
    const { offsets } = await inner.commit({ ...commit, appends });
    return { offsets: offsets.slice(0, commit.appends.length) };
  };
  return {
    ...logWithCommit(inner, commit),
    endOffset,
    read: async (topic, partition, offset, { maxRecords }) => {
      const found = await inner.read(topic, partition, offset, ALL);
      return visible(found).slice(0, maxRecords);
    },
  };
}
