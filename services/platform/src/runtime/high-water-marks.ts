import { isNumber, recordOf } from "@amc/streams/kernel/json-shape";
import { KeyedStore, type Persistent } from "@amc/streams/kernel/keyed-store";
import { jsonCodec } from "@amc/streams/kernel/state-codec";
import type { LogRecord } from "../log/port.ts";
import { recordSource } from "../log/record-source.ts";

/** The newest record seen of one stage and source partition: its input, and which output of that. */
interface Mark {
  readonly offset: number;
  readonly index: number;
}

const MARK_FORMAT = 1;
const isMark = recordOf<Mark>({ offset: isNumber, index: isNumber });

/** Name of the store in the state of its reader. */
const MARKS_STORE = "runtime.marks";

/**
 * What a reader of derived topics has seen, by topic, producing stage and source partition. A writer
 * writes what it derives in the order of its input, also when it is started again or when two of them
 * write at once, and so a record that is not past the mark is a copy. The marks are committed with
 * the reader's own position.
 */
export class HighWaterMarks {
  readonly #marks = new KeyedStore(MARKS_STORE, jsonCodec(MARK_FORMAT, isMark));

  get store(): Persistent {
    return this.#marks;
  }

  /** Whether a record was seen before; one that was not moves the mark. Facts have no mark. */
  isCopy({ topic, headers }: Pick<LogRecord, "topic" | "headers">): boolean {
    const source = recordSource(headers);
    if (source === null) return false;
    const { offset, index } = source;
    const key = `${topic}/${source.stage}/${source.topic}/${source.partition}`;
    const mark = this.#marks.get(key);
    if (mark !== undefined && !isPast({ offset, index }, mark)) return true;
    this.#marks.set(key, { offset, index });
    return false;
  }
}

function isPast(one: Mark, mark: Mark): boolean {
  return one.offset > mark.offset || (one.offset === mark.offset && one.index > mark.index);
}
