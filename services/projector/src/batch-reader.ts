import { recordsBelow } from "@amc/platform/log/next-offset";
import type { Log, LogRecord } from "@amc/platform/log/port";
import { waitForAny } from "@amc/platform/log/wait-for-any";
import type { ProjectionName } from "@amc/streams/projections/projections";
import type { Chunk } from "./batch.ts";
import type { Position } from "./positions.ts";

/** Fewest and most records of a batch, and its most bytes: what is held twice, prepared and being written. */
const MIN_RECORDS = 1024;
const MAX_RECORDS = 4096;
const MAX_BYTES = 8 * 1024 * 1024;

const UNBOUNDED = Number.POSITIVE_INFINITY;

/** Offsets to stop before, by `projection/topic/partition`; a partition without one has no end. */
export type ReadBounds = ReadonlyMap<string, number>;

export interface ReadOptions {
  readonly bounds?: ReadBounds;
  /** Told of every answer of the log: a batch has one of each partition. */
  readonly onRead?: () => void;
}

/**
 * Reads what follows the positions of one projection. Batches are as large as what has arrived, so
 * a single slice is written at once; while they come back full they grow, so that a backlog is
 * worked off in large transactions. Partitions take turns at being first, so none is starved.
 */
export class BatchReader {
  readonly #log: Log;
  readonly #projection: ProjectionName;
  readonly #bounds: ReadBounds;
  readonly #onRead: () => void;
  #positions: Position[];
  #first = 0;
  #maxRecords = MIN_RECORDS;

  constructor(
    log: Log,
    projection: ProjectionName,
    positions: readonly Position[],
    { bounds = new Map(), onRead = () => undefined }: ReadOptions = {},
  ) {
    this.#log = log;
    this.#projection = projection;
    this.#bounds = bounds;
    this.#onRead = onRead;
    this.#positions = [...positions];
  }

  /** Where the next read begins, per partition. */
  get positions(): readonly Position[] {
    return this.#positions;
  }

  /**
   * The next records of every partition within the limits; empty when nothing has arrived. When a
   * partition cannot be read, none was, and the next read begins where this one did.
   */
  async read(): Promise<readonly Chunk[]> {
    const before = [...this.#positions];
    try {
      return await this.#readOn();
    } catch (error) {
      this.#positions = before;
      throw error;
    }
  }

  async #readOn(): Promise<readonly Chunk[]> {
    const chunks: Chunk[] = [];
    let records = this.#maxRecords;
    let bytes = MAX_BYTES;
    const count = this.#positions.length;
    for (let step = 0; step < count && records > 0 && bytes > 0; step += 1) {
      const chunk = await this.#readPartition((this.#first + step) % count, records, bytes);
      if (chunk === null) continue;
      chunks.push(chunk);
      records -= chunk.records.length;
      for (const { value } of chunk.records) bytes -= value?.length ?? 0;
    }
    const isFull = records <= 0 || bytes <= 0;
    this.#maxRecords = isFull
      ? Math.min(MAX_RECORDS, this.#maxRecords * 2)
      : Math.max(MIN_RECORDS, this.#maxRecords / 2);
    if (count > 0) this.#first = (this.#first + 1) % count;
    return chunks;
  }

  async #readPartition(index: number, maxRecords: number, maxBytes: number): Promise<Chunk | null> {
    const position = this.#positions[index];
    if (position === undefined) return null;
    const { topic, partition, nextOffset } = position;
    const end = this.#bounds.get(`${this.#projection}/${topic}/${partition}`) ?? UNBOUNDED;
    const room = Math.min(maxRecords, end - nextOffset);
    if (room <= 0) return null;
    const limits = { maxRecords: room, maxBytes };
    const found = await this.#log.read(topic, partition, nextOffset, limits);
    this.#onRead();
    const records = recordsBelow(found, end);
    const last: LogRecord | undefined = records.at(-1);
    if (last === undefined) return null;
    this.#positions[index] = { ...position, nextOffset: last.offset + 1 };
    return { position, records };
  }

  /** Resolves when any partition has a record to read, or when `signal` aborts. */
  async waitForInput(signal: AbortSignal): Promise<void> {
    const positions = this.#positions.map(({ topic, partition, nextOffset: next }) => ({
      ...{ topic, partition, next },
    }));
    await waitForAny(this.#log, positions, signal);
  }
}
