import { EndOffsetWaiters } from "../end-offset-waiters.ts";
import { BatchEncoder } from "./batch-codec.ts";
import type { StoredPartition } from "./batches.ts";

/** A partition of an open log: what is committed, and what the next group commit will add. */
export class FilePartition implements StoredPartition {
  readonly id: number;
  readonly topic: string;
  readonly partition: number;
  start: number;
  end: number;
  /** Offset for the next append; ahead of `end` by what is not committed yet. */
  next: number;
  readonly encoder = new BatchEncoder();
  /** Size, by `recordSize`, of what the encoder holds. */
  encodedSize = 0;
  readonly waiters = new EndOffsetWaiters();

  constructor(row: StoredPartition) {
    this.id = row.id;
    this.topic = row.topic;
    this.partition = row.partition;
    this.start = row.start;
    this.end = row.end;
    this.next = row.end;
  }
}
