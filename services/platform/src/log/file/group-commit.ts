import { type CheckedAppends, checkedAppends } from "../commit-check.ts";
import type { PartitionTable } from "../partition-table.ts";
import type { Append, Commit, Committed, Lease, Position, StateChange } from "../port.ts";
import type { FilePartition } from "./file-partition.ts";
import { batchId } from "./format.ts";
import type { EncodedBatch, StoreWriter } from "./writer.ts";

/**
 * A batch is closed at the first of these. A reader decodes whole batches, so they bound what a
 * small read costs; fewer bytes would cost commits more rows.
 */
const BATCH_BYTES = 131_072;
const BATCH_RECORDS = 1_000;

/** A group is written at once when this much waits: the queue of commits stays bounded. */
const GROUP_BYTES = 8 * 1_048_576;

interface PendingCommit {
  readonly lease: Lease | undefined;
  readonly positions: readonly Position[];
  readonly state: readonly StateChange[];
  readonly offsets: readonly number[];
  readonly resolve: (committed: Committed) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Commits issued in one turn of the event loop share one transaction and one fsync: the interval
 * of the group commit is a turn, nobody waits for a timer, and a lone commit is written at once.
 */
export class GroupCommit {
  readonly #writer: StoreWriter;
  readonly #table: PartitionTable<FilePartition>;
  #pending: PendingCommit[] = [];
  #pendingBytes = 0;
  readonly #grown = new Set<FilePartition>();
  #closedBatches: EncodedBatch[] = [];
  #scheduled: NodeJS.Immediate | undefined;

  constructor(writer: StoreWriter, table: PartitionTable<FilePartition>) {
    this.#writer = writer;
    this.#table = table;
  }

  add(commit: Commit): Promise<Committed> {
    this.#writer.checkRunning();
    const checked = checkedAppends(commit, this.#table);
    if (commit.lease !== undefined) this.#writer.units.checkLease(commit.lease);
    return new Promise((resolve, reject) => {
      this.#pending.push({
        lease: commit.lease,
        positions: commit.positions ?? [],
        state: (commit.state ?? []).map((change) => this.#copied(change)),
        offsets: this.#append(commit.appends, checked),
        resolve,
        reject,
      });
      if (this.#pendingBytes > GROUP_BYTES) this.flush();
      else this.#scheduled ??= setImmediate(() => this.flush());
    });
  }

  /** Writes what is pending and settles its commits; failures go to them, not to the caller. */
  flush(): void {
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    if (this.#pending.length === 0) return;
    const group = this.#pending;
    this.#pending = [];
    try {
      this.#writer.transact(() => this.#write(group));
    } catch (error) {
      for (const { reject } of group) reject(error);
      return;
    }
    for (const partition of this.#grown) {
      partition.end = partition.next;
      partition.waiters.advance(partition.end);
    }
    this.#grown.clear();
    for (const { resolve, offsets } of group) resolve({ offsets });
    this.#writer.checkpointWhenDue();
  }

  #append(appends: readonly Append[], { partitions, sizes }: CheckedAppends): number[] {
    const offsets: number[] = [];
    for (let i = 0; i < appends.length; i++) {
      const append = appends[i];
      if (append === undefined) continue;
      const { topic, key, value, headers } = append;
      const partition = this.#table.at(topic, partitions[i] ?? 0);
      const { encoder } = partition;
      encoder.add(key, value, headers);
      partition.encodedSize += sizes[i] ?? 0;
      offsets.push(partition.next++);
      this.#grown.add(partition);
      if (encoder.bytes >= BATCH_BYTES || encoder.records >= BATCH_RECORDS) {
        this.#closeBatch(partition);
      }
    }
    return offsets;
  }

  #closeBatch(partition: FilePartition): void {
    const { encoder } = partition;
    const { records } = encoder;
    if (records === 0) return;
    const batch = {
      id: batchId(partition.id, partition.next - records),
      records,
      bytes: partition.encodedSize,
      body: encoder.take(),
    };
    partition.encodedSize = 0;
    this.#closedBatches.push(batch);
    this.#pendingBytes += batch.body.length;
  }

  #copied({ store, key, value }: StateChange): StateChange {
    if (value === null) return { store, key, value };
    this.#pendingBytes += value.length;
    return { store, key, value: new Uint8Array(value) };
  }

  #write(group: readonly PendingCommit[]): void {
    for (const partition of this.#grown) this.#closeBatch(partition);
    this.#writer.noteWritten(this.#pendingBytes);
    this.#pendingBytes = 0;
    for (const batch of this.#closedBatches) this.#writer.putBatch(batch);
    this.#closedBatches = [];
    for (const { id, topic, partition, start, next } of this.#grown) {
      this.#writer.putPartition({ id, topic, partition, start, end: next });
    }
    for (const { lease, positions, state } of group) {
      if (lease !== undefined) this.#writer.units.apply(lease, positions, state);
    }
  }
}
