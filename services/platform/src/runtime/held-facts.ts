import { KeyedStore, type StateCodec } from "@amc/streams/kernel/keyed-store";
import type { LogRecord } from "../log/port.ts";
import { decodeRecord } from "./decode-record.ts";
import { type SliceFact, sliceFact } from "./slice.ts";

/** A record as JSON, its bytes in base64: few are ever held, so size does not matter. */
const recordCodec: StateCodec<LogRecord> = {
  encode({ value, ...rest }, into) {
    const base64 = value === null ? null : Buffer.from(value).toString("base64");
    into.utf8(JSON.stringify({ ...rest, value: base64 }));
  },
  decode(bytes) {
    const { value, ...rest } = JSON.parse(Buffer.from(bytes).toString("utf8"));
    return { ...rest, value: value === null ? null : Buffer.from(value, "base64") };
  },
};

/**
 * Facts that a tick covers by position but that the world cannot know yet: they wait, durably,
 * for the first tick at or after their publication. No stage can look ahead, whatever arrives.
 */
export class HeldFacts {
  readonly store = new KeyedStore("runtime.held", recordCodec);
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

  /** Rebuilds the facts after the store was restored from the log. */
  restored(): void {
    for (const [key, record] of this.store.entries()) {
      const decoded = decodeRecord(record, true);
      // It decoded when it was held; a different answer now is a defect, not bad input.
      if (!decoded.ok) throw new TypeError(`held record ${key} no longer decodes: ${decoded.code}`);
      this.#facts.set(key, sliceFact(decoded.event, record));
    }
  }
}
