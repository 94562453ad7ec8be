/**
 * The log port: an ordered, partitioned, append-only log with atomic commits across topics.
 * Every adapter (memory, file, Kafka) passes `log.contract.ts` unchanged.
 *
 * Bytes: `commit` copies what it is given before it returns its promise, so scratch buffers may be
 * reused at once. What `read` and `state` return is shared and may be a view of a larger buffer:
 * never write to it, and copy what is kept for long.
 */

/** Largest record, key, value and headers together, in bytes (`design.md` §4). */
export const MAX_RECORD_BYTES = 262_144;

/** CloudEvents and provenance headers; text only, names in lower case. */
export type Headers = Readonly<Record<string, string>>;

export interface LogRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  /** Confluent wire format for our topics, anything at all for foreign ones; null is a tombstone. */
  readonly value: Uint8Array | null;
  readonly headers: Headers;
  /** When the log took it, ms since 1970 (append time, never event time). */
  readonly appendedAtMs: number;
  /**
   * Only where the log itself could not read what lies here: why, as a dead letter says it. The value
   * is then the bytes that were found, and the record may stand for several before it.
   */
  readonly unreadable?: { readonly code: string; readonly reason: string };
}

export interface Append {
  readonly topic: string;
  /** Named for broadcasts and markers; otherwise murmur2 of the key, the way of Kafka's Java client. */
  readonly partition?: number;
  readonly key: string | null;
  readonly value: Uint8Array | null;
  /**
   * `ce_id` names one event and no other: a new owner of a unit takes a record of that id behind the last
   * commit for the one that its predecessor wrote and did not come to count.
   */
  readonly headers: Headers;
}

/** The next offset a group will read. */
export interface Position {
  readonly topic: string;
  readonly partition: number;
  readonly next: number;
}

/** A change of keyed state; null removes the key. */
export interface StateChange {
  readonly store: string;
  readonly key: string;
  readonly value: Uint8Array | null;
}

/** A group and partition held by one owner; a newer lease of the same scope fences the older. */
export interface Lease {
  /** Group of consumers, for example `signals`. */
  readonly group: string;
  /** Work unit of the group, usually the input partition. */
  readonly partition: number;
  readonly epoch: number;
}

export interface Commit {
  readonly appends: readonly Append[];
  /** Positions, state and fencing belong to a lease; a producer without a group leaves it out. */
  readonly lease?: Lease;
  readonly positions?: readonly Position[];
  readonly state?: readonly StateChange[];
}

export interface Committed {
  /** Offset of each append, in the order given. */
  readonly offsets: readonly number[];
}

export interface ReadLimits {
  readonly maxRecords: number;
  /**
   * Bytes of values, keys and headers, text counted by its length. At least one record is returned
   * even when it alone is larger.
   */
  readonly maxBytes: number;
}

export interface TopicLayout {
  readonly topic: string;
  readonly partitions: number;
}

export interface Log {
  /** Partitions of a topic. Throws `log.unknown-topic`. */
  partitions(topic: string): number;
  topics(): readonly TopicLayout[];

  /** First offset still kept. */
  startOffset(topic: string, partition: number): Promise<number>;
  /** One past the last record; the next one gets this offset or, where there are gaps, a later one. */
  endOffset(topic: string, partition: number): Promise<number>;
  /** First offset appended at or after an instant; the end offset when there is none. */
  offsetAtTime(topic: string, partition: number, appendedAtMs: number): Promise<number>;

  /**
   * Records from `offset` on, all of them and in order; empty at the end of the partition. Their
   * offsets ascend, but on Kafka with gaps (a transaction leaves a marker behind its records, and
   * compaction removes records): go on behind the offset of the last record, never by their number.
   * Throws `log.offset-out-of-range` below the start or past the end: it never jumps in silence.
   */
  read(
    topic: string,
    partition: number,
    offset: number,
    limits: ReadLimits,
  ): Promise<readonly LogRecord[]>;

  /**
   * Resolves when the partition has records at or past `offset`, or when `signal` aborts. Rejects
   * with `log.closed` or `log.stopped` when nothing can come any more.
   */
  waitFor(topic: string, partition: number, offset: number, signal: AbortSignal): Promise<void>;

  /**
   * Takes ownership of one work unit and fences every older lease of it. Rejects with the reason of
   * `signal` when that aborts first: then nobody is fenced any more, though somebody may have been.
   */
  acquire(group: string, partition: number, signal?: AbortSignal): Promise<Lease>;
  /** Committed positions of a work unit. */
  positions(group: string, partition: number): Promise<readonly Position[]>;
  /**
   * Keyed state of a work unit as of its last commit, streamed in order of store and key (by UTF-8
   * bytes). Commits made while it is being read do not show in it.
   */
  state(group: string, partition: number): AsyncIterable<StateChange>;

  /**
   * All of it or nothing: appends, positions and state become visible together, and are durable
   * when the promise resolves. Commits of one work unit, and those without a lease, take effect in
   * the order of the calls. Rejects with
   * `log.fenced` when a newer lease exists, `log.stopped` after any write error: an unacknowledged
   * commit is never retried by the log itself. A log on a network says `log.outcome-unknown` instead:
   * it goes on, but leases of that commit are lost and `acquire` finds out what became of it.
   * `log.unavailable`: nothing was written, and a later try may be answered. `log.record-too-large`, `log.unknown-topic`,
   * `log.unknown-partition` and `log.invalid-commit` refuse the commit and leave the log usable.
   */
  commit(commit: Commit): Promise<Committed>;

  /** Deletes records below `offset` (retention); readers below it get `log.offset-out-of-range`. */
  truncateBefore(topic: string, partition: number, offset: number): Promise<void>;

  close(): Promise<void>;
}
