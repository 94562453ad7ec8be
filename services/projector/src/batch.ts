import { nextOffset } from "@amc/platform/log/next-offset";
import type { LogRecord } from "@amc/platform/log/port";
import { decodeRecordExcerpt } from "@amc/platform/runtime/decode-record";
import { type CacheSettings, DEFAULT_CACHE } from "@amc/streams/projections/cache-settings";
import { projectEvent } from "@amc/streams/projections/project-event";
import type { ProjectionName } from "@amc/streams/projections/projections";
import { deadLetterRow, type Refusal } from "./dead-letters.ts";
import type { Advance, Position } from "./positions.ts";
import { RowBuffer } from "./row-buffer.ts";

/** Consecutive records of one partition and the position they were read from. */
export interface Chunk {
  readonly position: Position;
  readonly records: readonly LogRecord[];
}

/** A record that is dead-lettered, with the reason. */
export interface RefusedRecord {
  readonly record: LogRecord;
  readonly refusal: Refusal;
}

/** Everything one transaction will write, made without a database. */
export interface Batch {
  readonly chunks: readonly Chunk[];
  readonly advances: readonly Advance[];
  readonly rows: RowBuffer;
  readonly refused: readonly RefusedRecord[];
  readonly records: number;
}

/** Records decoded between two turns of the event loop: about a millisecond. */
const RECORDS_PER_TURN = 128;

/**
 * Decodes and projects the records of some partitions. `known` refuses records that the database
 * has refused before; `breathe` is awaited every `RECORDS_PER_TURN` records.
 */
export async function prepareBatch(
  projection: ProjectionName,
  chunks: readonly Chunk[],
  breathe: () => Promise<void>,
  known: ReadonlyMap<LogRecord, Refusal> = new Map(),
  cacheSettings: CacheSettings = DEFAULT_CACHE,
): Promise<Batch> {
  const builder = new BatchBuilder(projection, known, cacheSettings);
  let sinceBreath = 0;
  for (const chunk of chunks) {
    builder.open();
    for (const record of chunk.records) {
      builder.take(record);
      sinceBreath += 1;
      if (sinceBreath % RECORDS_PER_TURN === 0) await breathe();
    }
    builder.close(chunk);
  }
  return builder.finish(chunks);
}

class BatchBuilder {
  readonly #projection: ProjectionName;
  readonly #known: ReadonlyMap<LogRecord, Refusal>;
  readonly #cacheSettings: CacheSettings;
  readonly #rows = new RowBuffer();
  readonly #refused: RefusedRecord[] = [];
  readonly #advances: Advance[] = [];
  #records = 0;
  #applied = 0;
  #skipped = 0;
  #deadLettered = 0;
  #appliedThroughMs: number | null = null;

  constructor(
    projection: ProjectionName,
    known: ReadonlyMap<LogRecord, Refusal>,
    cacheSettings: CacheSettings,
  ) {
    this.#projection = projection;
    this.#known = known;
    this.#cacheSettings = cacheSettings;
  }

  open(): void {
    this.#applied = 0;
    this.#skipped = 0;
    this.#deadLettered = 0;
    this.#appliedThroughMs = null;
  }

  take(record: LogRecord): void {
    this.#records += 1;
    const known = this.#known.get(record);
    if (known !== undefined) {
      this.#refuse(record, known);
      return;
    }
    const decoded = decodeRecordExcerpt(record);
    if (!decoded.ok) {
      this.#refuse(record, { code: decoded.code, reason: decoded.reason });
      return;
    }
    const { event } = decoded;
    const { partition, offset, value } = record;
    const origin = { projection: this.#projection, partition, offset };
    const projected = projectEvent(event, value ?? EMPTY, origin, this.#cacheSettings);
    if (!projected.ok) {
      const { code, table, column, reason } = projected.misfit;
      this.#refuse(record, { code, reason: `${table}.${column} ${reason}` });
      return;
    }
    const { rows, cache, staleBefore } = projected.changes;
    for (const change of rows) this.#rows.add(change);
    for (const change of cache) this.#rows.addCached(change);
    if (staleBefore !== null) this.#rows.addStale(staleBefore);
    if (rows.length === 0) {
      this.#skipped += 1;
      return;
    }
    this.#applied += 1;
    const { happenedAt } = event.value;
    if (happenedAt > (this.#appliedThroughMs ?? -1)) this.#appliedThroughMs = happenedAt;
  }

  close({ position, records }: Chunk): void {
    this.#advances.push({
      topic: position.topic,
      partition: position.partition,
      epoch: position.epoch,
      from: position.nextOffset,
      to: nextOffset(records, position.nextOffset),
      applied: this.#applied,
      skipped: this.#skipped,
      deadLettered: this.#deadLettered,
      appliedThroughMs: this.#appliedThroughMs,
    });
  }

  finish(chunks: readonly Chunk[]): Batch {
    return {
      chunks,
      advances: this.#advances,
      rows: this.#rows,
      refused: this.#refused,
      records: this.#records,
    };
  }

  #refuse(record: LogRecord, refusal: Refusal): void {
    this.#deadLettered += 1;
    this.#refused.push({ record, refusal });
    this.#rows.add({
      table: "dead_letters",
      row: deadLetterRow(this.#projection, record, refusal),
    });
  }
}

const EMPTY = new Uint8Array();

/** Two batches of half the records each, the earlier first; null when there is one record only. */
export function halves(
  chunks: readonly Chunk[],
): readonly [readonly Chunk[], readonly Chunk[]] | null {
  const total = chunks.reduce((sum, { records }) => sum + records.length, 0);
  if (total < 2) return null;
  const first: Chunk[] = [];
  const second: Chunk[] = [];
  let room = Math.floor(total / 2);
  for (const { position, records } of chunks) {
    const taken = Math.min(room, records.length);
    room -= taken;
    if (taken > 0) first.push({ position, records: records.slice(0, taken) });
    if (taken === records.length) continue;
    second.push({
      position: {
        ...position,
        nextOffset: nextOffset(records.slice(0, taken), position.nextOffset),
      },
      records: records.slice(taken),
    });
  }
  return [first, second];
}
