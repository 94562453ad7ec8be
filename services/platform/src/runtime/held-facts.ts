import { isNumber, isText, mapOf, nullOr, recordOf } from "@amc/streams/kernel/json-shape";
import { KeyedStore } from "@amc/streams/kernel/keyed-store";
import { jsonCodec, type StateCodec } from "@amc/streams/kernel/state-codec";
import { StateError } from "@amc/streams/kernel/state-error";
import type { LogRecord } from "../log/port.ts";
import { decodeRecord } from "./decode-record.ts";
import { type SliceFact, sliceFact } from "./slice.ts";

/** A readable record as JSON, its bytes in base64: few are ever held, so size does not matter. */
type StoredRecord = Omit<LogRecord, "value" | "unreadable"> & { readonly value: string | null };

const FORMAT = 1;
const storedRecords = jsonCodec(
  FORMAT,
  recordOf<StoredRecord>({
    topic: isText,
    partition: isNumber,
    offset: isNumber,
    key: nullOr(isText),
    value: nullOr(isText),
    headers: mapOf(isText),
    appendedAtMs: isNumber,
  }),
);

function recordOfStored({ value, ...rest }: StoredRecord): LogRecord {
  return { ...rest, value: value === null ? null : Buffer.from(value, "base64") };
}

const recordCodec: StateCodec<LogRecord> = {
  format: FORMAT,
  encode({ topic, partition, offset, key, value, headers, appendedAtMs }, into) {
    const base64 = value === null ? null : Buffer.from(value).toString("base64");
    const stored = { topic, partition, offset, key, appendedAtMs, headers, value: base64 };
    storedRecords.encode(stored, into);
  },
  decode: (bytes) => recordOfStored(storedRecords.decode(bytes)),
  // Records were stored in the same way before formats had numbers.
  decodeUnnumbered: (bytes) => recordOfStored(storedRecords.decode(bytes)),
};

const STORE = "runtime.held";

/**
 * Facts that a tick covers by position but that the world cannot know yet: they wait, durably,
 * for the first tick at or after their publication. No stage can look ahead, whatever arrives.
 */
export class HeldFacts {
  readonly store = new KeyedStore(STORE, recordCodec);
  readonly #facts = new Map<string, SliceFact>();

  hold(fact: SliceFact): void {
    const key = `${String(fact.publishedAt).padStart(16, "0")}/${fact.record.topic}/${fact.record.offset}`;
    this.#facts.set(key, fact);
    this.store.set(key, fact.record);
  }

  /** Facts published at or before `tickMs`, no longer held. */
  release(tickMs: number): SliceFact[] {
    const due: SliceFact[] = [];
    if (this.#facts.size === 0) return due;
    for (const [key, fact] of this.#facts) {
      if (fact.publishedAt > tickMs) continue;
      due.push(fact);
      this.#facts.delete(key);
      this.store.delete(key);
    }
    return due;
  }

  /**
   * Rebuilds the facts after the store was restored from the log. Throws `state.unreadable` for one
   * that decoded when it was held and does not now: a defect, or an older build.
   */
  restored(): void {
    for (const [key, record] of this.store.entries()) {
      const decoded = decodeRecord(record, true);
      if (!decoded.ok) {
        const facts = { stage: "runtime", store: STORE, key, reason: decoded.code };
        throw new StateError("state.unreadable", `the held record ${key} no longer decodes`, facts);
      }
      this.#facts.set(key, sliceFact(decoded.event, record));
    }
  }
}
