import { type Pacing, REAL_TIME } from "../../pacing.ts";
import { LogError } from "../errors.ts";
import { checkOffset } from "../offset-range.ts";
import type { LogRecord, ReadLimits } from "../port.ts";
import { decodeBatches } from "./batches.ts";
import { isBrokerError, untilAnswered } from "./broker-failure.ts";
import type { Cluster } from "./cluster.ts";
import { type FetchedPartition, type FetchPlace, fetchFrom } from "./fetch.ts";

/** Partitions whose last answer is kept for the next read: about a megabyte each at most. */
const WINDOWS_MAX = 64;

/** For so long a leader may answer less than it has, because it has just become one. */
const EMPTY_FOR_MS = 30_000;
const EMPTY_FIRST_MS = 1;
const EMPTY_MAX_MS = 200;

/** What an answer held and no read has taken yet. */
interface Window {
  readonly records: readonly LogRecord[];
  /** Of each record, as reads are limited by it. */
  readonly sizes: readonly number[];
  /** Index of the first record not yet taken. */
  taken: number;
  /** Offset that the next read will ask for when it goes on. */
  expected: number;
  /** Where the next fetch goes on. */
  readonly next: number;
  /** Nothing was behind the answer when the broker gave it. */
  readonly isLast: boolean;
}

type PartitionPlace = Pick<FetchPlace, "topic" | "partition">;

/** How a partition ended when it was last seen. */
interface Tail {
  /** Of all that takes offsets. */
  readonly end: number;
  /** One past the last record. */
  readonly ofRecords: number;
}

/** Reads partitions by offset; what a broker sends too much is kept for the read that goes on. */
export class PartitionReader {
  readonly #cluster: Cluster;
  /** What the topics of the port have before their names. */
  readonly #prefix: string;
  readonly #fetchFrom: typeof fetchFrom;
  readonly #pacing: Pacing;
  readonly #windows = new Map<string, Window>();
  readonly #tails = new Map<string, Tail>();

  constructor(
    cluster: Cluster,
    prefix: string,
    options: { readonly fetch?: typeof fetchFrom; readonly pacing?: Pacing } = {},
  ) {
    this.#cluster = cluster;
    this.#prefix = prefix;
    this.#fetchFrom = options.fetch ?? fetchFrom;
    this.#pacing = options.pacing ?? REAL_TIME;
  }

  /** Records from an offset on, to the limits; empty at the end. */
  async read(place: FetchPlace, limits: ReadLimits): Promise<LogRecord[]> {
    const id = windowId(place);
    const taken: LogRecord[] = [];
    let bytes = 0;
    let window = this.#claim(id, place.from) ?? (await this.#fetch(place));
    for (;;) {
      for (; window.taken < window.records.length; window.taken += 1) {
        const record = window.records[window.taken];
        if (record === undefined) break;
        bytes += window.sizes[window.taken] ?? 0;
        const isFull = taken.length >= limits.maxRecords || bytes > limits.maxBytes;
        if (taken.length > 0 && isFull) return this.#keep(id, window, taken);
        taken.push(record);
      }
      if (window.isLast || taken.length >= limits.maxRecords) return taken;
      window = await this.#fetch({ ...place, from: window.next });
    }
  }

  /**
   * Everything from `from` up to `end`, in answers as they come. Throws `log.unavailable` when the
   * leader has nothing to say about what lies there for half a minute.
   */
  async *scan(place: FetchPlace, end: number): AsyncGenerator<readonly LogRecord[]> {
    let from = place.from;
    let [movedMs, pauseMs] = [this.#pacing.nowMs(), EMPTY_FIRST_MS];
    while (from < end) {
      const { records, next } = await this.#fetch({ ...place, from });
      if (next > from) {
        yield records.filter(({ offset }) => offset < end);
        from = next;
        [movedMs, pauseMs] = [this.#pacing.nowMs(), EMPTY_FIRST_MS];
        continue;
      }
      // An answer may be empty although the end is further: the leader has just moved.
      if (this.#pacing.nowMs() - movedMs > EMPTY_FOR_MS) throw nothingTold(place, from, end);
      await this.#pacing.pause(pauseMs);
      pauseMs = Math.min(2 * pauseMs, EMPTY_MAX_MS);
    }
  }

  /**
   * One past the last record of a partition: markers of transactions may follow it, those of another
   * delivery's time as well. One request where the last record is known, a few more where it is not.
   */
  async endOfRecords(topic: string, partition: number): Promise<number> {
    const end = await this.#cluster.endOffset(topic, partition);
    const known = this.#tails.get(windowId({ topic, partition }));
    if (known?.end === end && known.ofRecords === end) return end;
    const start = await this.#cluster.startOffset(topic, partition);
    if (known?.end === end) return Math.max(known.ofRecords, start);
    const ofRecords = await this.#searchBack({ topic, partition, from: start }, end);
    this.#noteTail({ topic, partition }, { end, ofRecords });
    return ofRecords;
  }

  /** A record is known to be at an offset. */
  noteRecord(place: PartitionPlace, offset: number): void {
    this.#noteTail(place, { end: offset + 1, ofRecords: offset + 1 });
  }

  #noteTail(place: PartitionPlace, tail: Tail): void {
    const id = windowId(place);
    const known = this.#tails.get(id);
    if (known === undefined || known.end < tail.end) this.#tails.set(id, tail);
  }

  /** One past the last record from `place` on and before `end`. */
  async #searchBack({ topic, partition, from: start }: FetchPlace, end: number): Promise<number> {
    // Behind `emptyFrom` there is no record.
    let emptyFrom = end;
    for (let back = 1; emptyFrom > start; back *= 2) {
      const from = Math.max(start, end - back);
      let found: number | null = null;
      // One answer need not reach the end: the broker stops at a count of bytes.
      for await (const records of this.scan({ topic, partition, from }, emptyFrom)) {
        found = records.at(-1)?.offset ?? found;
      }
      if (found !== null) return found + 1;
      emptyFrom = from;
    }
    return start;
  }

  /**
   * Keeps an answer that came unasked for, for the read that will ask for it; says how far it goes. One
   * without records says only that there were none then, and would pass for the end of the partition.
   */
  offer({ place, answer }: FetchedPartition): {
    readonly end: number | null;
    readonly next: number;
  } {
    const window = this.#windowOf(place, answer);
    const last = window.records.at(-1);
    if (last !== undefined) this.#keep(windowId(place), window, []);
    return { end: last === undefined ? null : last.offset + 1, next: window.next };
  }

  /** Forgets what was kept of a partition: its records may be gone. */
  forget(topic: string, partition: number): void {
    this.#windows.delete(windowId({ topic, partition }));
  }

  /** The window that goes on at an offset; from here on it is this reader's alone. */
  #claim(id: string, from: number): Window | undefined {
    const window = this.#windows.get(id);
    if (window?.expected !== from) return undefined;
    this.#windows.delete(id);
    return window;
  }

  #keep(id: string, window: Window, taken: LogRecord[]): LogRecord[] {
    const last = taken.at(-1);
    if (last !== undefined) window.expected = last.offset + 1;
    this.#windows.delete(id);
    this.#windows.set(id, window);
    for (const oldest of this.#windows.keys()) {
      if (this.#windows.size <= WINDOWS_MAX) break;
      this.#windows.delete(oldest);
    }
    return taken;
  }

  async #fetch(place: FetchPlace): Promise<Window> {
    const { topic, partition, from } = place;
    const ask = async () => {
      try {
        return await this.#fetchFrom(this.#cluster, [place], { maxWaitMs: 0, lane: "reads" });
      } catch (error) {
        if (!isBrokerError(error, "OFFSET_OUT_OF_RANGE")) throw error;
        await this.#checkRange(place);
        throw error;
      }
    };
    const answers = await untilAnswered(ask, () => this.#cluster.forget(), {
      topic,
      partition,
      offset: from,
    });
    const answer = answers[0]?.answer;
    if (answer === undefined)
      return { records: [], sizes: [], taken: 0, expected: from, next: from, isLast: true };
    return this.#windowOf(place, answer);
  }

  /** Throws `log.offset-out-of-range` with the range, unless it has changed in the meantime. */
  async #checkRange({ topic, partition, from }: FetchPlace): Promise<void> {
    const start = await this.#cluster.startOffset(topic, partition);
    const end = await this.#cluster.endOffset(topic, partition);
    checkOffset({ topic, partition, start, end }, from);
  }

  #windowOf({ topic, partition, from }: FetchPlace, answer: FetchedPartition["answer"]): Window {
    const place = { topic: topic.slice(this.#prefix.length), partition, from };
    const { records: bytes, aborted, lastStableOffset } = answer;
    const { records, sizes, next } = decodeBatches(place, { bytes, aborted });
    const last = records.at(-1);
    if (last !== undefined) this.noteRecord({ topic, partition }, last.offset);
    const isLast = next >= lastStableOffset || next === from;
    return { records, sizes, taken: 0, expected: from, next, isLast };
  }
}

function nothingTold({ topic, partition }: FetchPlace, offset: number, end: number): LogError {
  return new LogError(
    "log.unavailable",
    `${topic}/${partition} ends at ${end}, but its leader answers nothing from ${offset} on`,
    { topic, partition, offset, end },
  );
}

function windowId({ topic, partition }: PartitionPlace): string {
  return `${partition}\u0000${topic}`;
}
