import type { TopicName } from "@amc/schemas/topics";
import { nextOffset, recordsBelow } from "../log/next-offset.ts";
import type { Log, LogRecord } from "../log/port.ts";
import type { Pacing } from "../pacing.ts";
import { decodeRecord } from "./decode-record.ts";
import { HeldFacts } from "./held-facts.ts";
import { RuntimeError } from "./runtime-error.ts";
import { type Slice, sliceFact } from "./slice.ts";

/** One read is at most this large, so that a backlog never becomes a heap. */
export const READ_BYTES = 8 * 1024 * 1024;

/**
 * Facts of one slice and partition, which are in memory together: at 100,000 ticks a second ten
 * seconds of the whole market.
 */
const SLICE_FACTS_MAX = 1_000_000;

/** A publication further ahead of the clock than this is a mistake, not an embargo. */
const HELD_MS_MAX = 7 * 86_400_000;

/**
 * For so long a log may show less than a tick covers: a leader that has just become one first learns
 * from its followers how far what it has is written.
 */
const SHOWN_WITHIN_MS = 30_000;
const ASK_FIRST_MS = 1;
const ASK_MAX_MS = 200;

export interface SliceReaderOptions {
  readonly log: Log;
  readonly partition: number;
  /** Topics that the subtopology reads; a tick covers others too. */
  readonly inputs: readonly TopicName[];
  /** Records of one read. */
  readonly maxRecords: number;
  /** Takes a record that can never be a fact, with the code and the reason of its dead letter. */
  readonly reject: (record: LogRecord, code: string, reason: string) => void;
  /** Told of every answer of the log. */
  readonly onRead: () => void;
  readonly pacing: Pacing;
}

/** Records of one topic that a tick covers. */
export interface SliceRange {
  readonly start: number;
  readonly endOffset: number;
  /** Ends the wait for records that the log does not show yet. */
  readonly signal?: AbortSignal | undefined;
}

/** The tick that closes a slice, and the one before it, ms since 1970. */
export interface SliceBounds {
  readonly tickMs: number;
  /** -Infinity before the first tick. */
  readonly lastTickMs: number;
}

/** Reads the facts that a tick covers; those that the world cannot know yet are held back. */
export class SliceReader {
  readonly held = new HeldFacts();
  readonly #options: SliceReaderOptions;

  constructor(options: SliceReaderOptions) {
    this.#options = options;
  }

  /**
   * Adds the facts of one topic from `start` up to `endOffset` to `slice`. Returns the offset to go
   * on from, which is `start` for a topic that nobody here reads. Throws `runtime.stalled` when the
   * log ends before the slice does for half a minute, `runtime.slice-too-large`, and when it is to
   * stop while it waits.
   */
  async read(topic: string, range: SliceRange, bounds: SliceBounds, slice: Slice): Promise<number> {
    const { start, endOffset, signal } = range;
    const { partition, inputs } = this.#options;
    if (!inputs.some((input) => input === topic)) return start;
    let next = start;
    while (next < endOffset) {
      const found = await this.#shown(topic, { start: next, endOffset, signal });
      const records = recordsBelow(found, endOffset);
      // Compaction may take the last records of a cut away: what is behind it shows that they were
      // there, and a log that ends before it that they never were.
      if (records.length === 0) return endOffset;
      for (const record of records) this.#take(record, bounds, slice);
      next = nextOffset(records, next);
      if (slice.size > SLICE_FACTS_MAX) {
        throw new RuntimeError(
          "runtime.slice-too-large",
          `one tick covers more than ${SLICE_FACTS_MAX} facts of a partition: write ticks more often`,
          { topic, partition, offset: next, tickMs: bounds.tickMs },
        );
      }
    }
    return next;
  }

  /** Records from the start of a range on, of which a tick says that there are some before its end. */
  async #shown(topic: string, range: SliceRange): Promise<readonly LogRecord[]> {
    const { start: next, endOffset, signal } = range;
    const { log, partition, maxRecords, onRead, pacing } = this.#options;
    const limits = { maxRecords: Math.min(endOffset - next, maxRecords), maxBytes: READ_BYTES };
    const startedMs = pacing.nowMs();
    for (let pauseMs = ASK_FIRST_MS; ; pauseMs = Math.min(2 * pauseMs, ASK_MAX_MS)) {
      const found = await log.read(topic, partition, next, limits);
      onRead();
      if (found.length > 0) return found;
      if (pacing.nowMs() - startedMs > SHOWN_WITHIN_MS) {
        throw new RuntimeError("runtime.stalled", "a tick covers records that do not exist", {
          topic,
          partition,
          offset: next,
          endOffset,
        });
      }
      signal?.throwIfAborted();
      await pacing.pause(pauseMs, signal);
    }
  }

  #take(record: LogRecord, { tickMs, lastTickMs }: SliceBounds, slice: Slice): void {
    const { reject } = this.#options;
    const decoded = decodeRecord(record, true);
    if (!decoded.ok) {
      reject(record, decoded.code, decoded.reason);
      return;
    }
    const fact = sliceFact(decoded.event, record);
    if (fact.publishedAt > tickMs + HELD_MS_MAX) {
      reject(record, "fact.ahead-of-clock", "published more than a week after the tick");
    } else if (fact.publishedAt > tickMs) {
      this.held.hold(fact);
    } else if (fact.publishedAt > lastTickMs) {
      slice.add(fact);
    } else {
      slice.add({ ...fact, event: { ...fact.event, late: true } });
    }
  }
}
