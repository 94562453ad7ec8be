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
  /** Indices of partitions that a wait has found something in and no read has asked for since. */
  #arrived: readonly number[] = [];
  /** The last read has taken all that a wait had found. */
  #isDrained = false;

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
   * The next records of every partition within the limits; empty when nothing has arrived. After a
   * wait only of the partitions that ended it, which a log on a network has at hand then, and once
   * those are taken it is for the next wait to say what has come: to ask for each partition by itself
   * would keep what came waiting. When a partition cannot be read, none was, and the next read begins
   * where this one did.
   */
  async read(): Promise<readonly Chunk[]> {
    const before = [...this.#positions];
    const arrived = this.#arrived;
    this.#arrived = [];
    const isDrained = this.#isDrained;
    this.#isDrained = false;
    if (isDrained && arrived.length === 0) return [];
    try {
      if (arrived.length > 0) {
        const { chunks, isFull } = await this.#readFrom(arrived);
        this.#isDrained = !isFull;
        if (chunks.length > 0) return chunks;
      }
      this.#isDrained = false;
      return (await this.#readFrom(this.#inTurn())).chunks;
    } catch (error) {
      this.#positions = before;
      throw error;
    }
  }

  /** All partitions, each time with another one first. */
  #inTurn(): readonly number[] {
    const count = this.#positions.length;
    const first = this.#first;
    if (count > 0) this.#first = (first + 1) % count;
    return this.#positions.map((_, step) => (first + step) % count);
  }

  /** `isFull` when limits ended the read, so that more is likely to be there. */
  async #readFrom(
    indices: readonly number[],
  ): Promise<{ readonly chunks: readonly Chunk[]; readonly isFull: boolean }> {
    const chunks: Chunk[] = [];
    let records = this.#maxRecords;
    let bytes = MAX_BYTES;
    for (const index of indices) {
      if (records <= 0 || bytes <= 0) break;
      const chunk = await this.#readPartition(index, records, bytes);
      if (chunk === null) continue;
      chunks.push(chunk);
      records -= chunk.records.length;
      for (const { value } of chunk.records) bytes -= value?.length ?? 0;
    }
    const isFull = records <= 0 || bytes <= 0;
    this.#maxRecords = isFull
      ? Math.min(MAX_RECORDS, this.#maxRecords * 2)
      : Math.max(MIN_RECORDS, this.#maxRecords / 2);
    return { chunks, isFull };
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
    const arrived = await waitForAny(this.#log, positions, signal);
    this.#arrived = arrived.map((position) => positions.indexOf(position));
  }
}
