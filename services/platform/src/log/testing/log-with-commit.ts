import type { Commit, Committed, Log } from "../port.ts";

/** A log that is another one in everything but how it commits. */
export function logWithCommit(inner: Log, commit: (commit: Commit) => Promise<Committed>): Log {
  return {
    commit,
    partitions: (topic) => inner.partitions(topic),
    topics: () => inner.topics(),
    startOffset: (topic, partition) => inner.startOffset(topic, partition),
    endOffset: (topic, partition) => inner.endOffset(topic, partition),
    offsetAtTime: (topic, partition, ms) => inner.offsetAtTime(topic, partition, ms),
    read: (topic, partition, offset, limits) => inner.read(topic, partition, offset, limits),
    waitFor: (topic, partition, offset, signal) => inner.waitFor(topic, partition, offset, signal),
    acquire: (group, partition, signal) => inner.acquire(group, partition, signal),
    positions: (group, partition) => inner.positions(group, partition),
    state: (group, partition) => inner.state(group, partition),
    truncateBefore: (topic, partition, offset) => inner.truncateBefore(topic, partition, offset),
    close: () => inner.close(),
  };
}
