import type { DatabaseSync, StatementSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import { recordSize } from "../commit-check.ts";
import type { OffsetRange } from "../offset-range.ts";
import type { LogRecord, ReadLimits } from "../port.ts";
import { decodeBatch } from "./batch-codec.ts";
import { corrupt } from "./failure.ts";
import { batchId } from "./format.ts";
import { type Batch, RecentBatches } from "./recent-batches.ts";
import { type Row, RowReader } from "./row.ts";

/** A partition with its row id; start and end are those of the last commit. */
export interface StoredPartition extends OffsetRange {
  readonly id: number;
}

/** Reads batches, checks them, and notices any that is not where it must be. */
export class Batches {
  readonly #path: string;
  readonly #read: RowReader;
  readonly #at: StatementSync;
  readonly #from: StatementSync;
  readonly #recent = new RecentBatches();

  constructor(db: DatabaseSync, path: string) {
    this.#path = path;
    this.#read = new RowReader(path);
    this.#at = db.prepare("SELECT * FROM batch WHERE id <= ? ORDER BY id DESC LIMIT 1");
    this.#from = db.prepare("SELECT * FROM batch WHERE id >= ? AND id < ? ORDER BY id");
  }

  /** Records from `offset` on, which must lie in the partition. */
  read(partition: StoredPartition, offset: number, limits: ReadLimits): LogRecord[] {
    const taken: LogRecord[] = [];
    let bytes = 0;
    let next = offset;
    for (const batch of this.#batchesFrom(partition, offset)) {
      const skipped = next - batch.base;
      const room = limits.maxRecords - taken.length;
      const rest = batch.records.length - skipped;
      if (skipped === 0 && rest <= room && bytes + batch.bytes <= limits.maxBytes) {
        for (const record of batch.records) taken.push(record);
        bytes += batch.bytes;
      } else {
        for (let i = skipped; i < skipped + Math.min(rest, room); i++) {
          const record = batch.records[i];
          if (record === undefined) break;
          bytes += recordSize(record.key, record.value, record.headers);
          if (bytes > limits.maxBytes && taken.length > 0) break;
          taken.push(record);
        }
      }
      next = offset + taken.length;
      const batchEnd = batch.base + batch.records.length;
      if (next < batchEnd) this.#recent.keep(partition.id, batch);
      if (next < batchEnd || taken.length >= limits.maxRecords || bytes >= limits.maxBytes) break;
    }
    return taken;
  }

  /** Offset of the first record of the batch that holds `offset`; the end is its own. */
  baseOf(partition: StoredPartition, offset: number): number {
    return offset === partition.end ? offset : this.#batchAt(partition, offset).base;
  }

  /** First offset appended at or after an instant; the end when there is none. */
  offsetAtTime(partition: StoredPartition, appendedAtMs: number): number {
    let low = partition.start;
    let high = partition.end;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const batch = this.#batchAt(partition, middle);
      if (batch.appendedAtMs < appendedAtMs) low = batch.base + batch.records.length;
      else high = Math.max(batch.base, partition.start);
    }
    return low;
  }

  /** Batches from the one that holds `offset` to the end, without a gap. */
  *#batchesFrom(partition: StoredPartition, offset: number): Generator<Batch> {
    if (offset >= partition.end) return;
    const first = this.#batchAt(partition, offset);
    yield first;
    let next = first.base + first.records.length;
    const end = batchId(partition.id, partition.end);
    for (const row of this.#from.iterate(batchId(partition.id, next), end)) {
      const batch = this.#checked(partition, row, next);
      yield batch;
      next += batch.records.length;
    }
    if (next !== partition.end) throw this.#damaged(partition, next, "records are missing");
  }

  #batchAt(partition: StoredPartition, offset: number): Batch {
    const kept = this.#recent.find(partition.id, offset);
    if (kept !== undefined) return kept;
    const row = this.#at.get(batchId(partition.id, offset));
    const base = row === undefined ? -1 : this.#read.integer(row, "id") - batchId(partition.id, 0);
    if (row === undefined || base < 0) {
      throw this.#damaged(partition, offset, "the record is missing");
    }
    const batch = this.#checked(partition, row, base);
    if (offset < base + batch.records.length) return batch;
    throw this.#damaged(partition, offset, "the record is missing");
  }

  #checked(partition: StoredPartition, row: Row, base: number): Batch {
    const id = this.#read.integer(row, "id");
    const records = this.#read.integer(row, "records");
    const bytes = this.#read.integer(row, "bytes");
    const appendedAtMs = this.#read.integer(row, "appended_at_ms");
    const body = this.#read.bytes(row, "body");
    if (id !== batchId(partition.id, base)) {
      throw this.#damaged(partition, base, "records are missing");
    }
    if (batchChecksum(id, records, bytes, appendedAtMs, body) !== this.#read.integer(row, "crc")) {
      throw this.#damaged(partition, base, "the checksum does not match");
    }
    const { topic, partition: number } = partition;
    const place = { topic, partition: number, base, records, appendedAtMs };
    return { base, bytes, appendedAtMs, records: decodeBatch(place, body) };
  }

  #damaged({ topic, partition }: StoredPartition, offset: number, what: string) {
    return corrupt(this.#path, `at ${topic}/${partition} offset ${offset}, ${what}`, {
      topic,
      partition,
      offset,
    });
  }
}

export function batchChecksum(
  id: number,
  records: number,
  bytes: number,
  appendedAtMs: number,
  body: Uint8Array,
): number {
  return crc32(body, crc32(`${id} ${records} ${bytes} ${appendedAtMs}`));
}
