import type { Check } from "./json-shape.ts";
import { StateWriter } from "./state-bytes.ts";
import { StateError, stageOfStore } from "./state-error.ts";

/**
 * How a stored value becomes bytes and back; what is decoded behaves exactly like what was encoded.
 * Whoever changes the layout gives it the next `format`: `storeValue` writes the number before the
 * bytes and `readStored` refuses any other, so no version ever reads bytes as what they are not.
 */
export interface StateCodec<Value> extends StateReading<Value> {
  encode(value: Value, into: StateWriter): void;
}

/** The half of a codec that reads. */
export interface StateReading<Value> {
  /** 1 to 31; a layout that is given up keeps its number for good. */
  readonly format: number;
  /** May throw anything at bytes that `encode` never writes. */
  decode(bytes: Uint8Array): Value;
  /** Reads what was stored before formats had numbers, where that can be told from other layouts. */
  decodeUnnumbered?(bytes: Uint8Array): Value;
}

/** Where a value is stored. */
export interface StoredAt {
  readonly store: string;
  readonly key: string;
}

/**
 * What was stored without a number begins with a character of JSON (`{`, `"`, a digit, a minus), all
 * above 31, or with a zero: the high byte of a small binary count.
 */
const UNNUMBERED = 0;
const FORMAT_MAX = 31;

function formatOf(bytes: Uint8Array): number {
  const [first = UNNUMBERED] = bytes;
  return first > FORMAT_MAX ? UNNUMBERED : first;
}

/** Writes the number of the format, then the value. */
export function storeValue<Value>(codec: StateCodec<Value>, value: Value, into: StateWriter): void {
  into.uint8(codec.format);
  codec.encode(value, into);
}

/** The bytes of a value that is stored alone. */
export function storedBytes<Value>(codec: StateCodec<Value>, value: Value): Uint8Array {
  const writer = new StateWriter();
  storeValue(codec, value, writer);
  return writer.take();
}

/**
 * Reads what `storeValue` wrote. Throws `state.format` for another format, `state.unreadable` for
 * bytes of this one that do not decode.
 */
export function readStored<Value>(
  at: StoredAt,
  codec: StateReading<Value>,
  bytes: Uint8Array,
): Value {
  const found = formatOf(bytes);
  const { format: expected } = codec;
  try {
    if (found === expected) return codec.decode(bytes.subarray(1));
    if (found === UNNUMBERED && codec.decodeUnnumbered !== undefined) {
      return codec.decodeUnnumbered(bytes);
    }
  } catch (cause) {
    if (found === expected) throw unreadable(at, { found, expected }, cause);
    throw otherFormat(at, { found, expected }, { cause });
  }
  throw otherFormat(at, { found, expected });
}

interface Formats {
  readonly found: number;
  readonly expected: number;
}

function otherFormat(
  { store, key }: StoredAt,
  { found, expected }: Formats,
  options?: ErrorOptions,
): StateError {
  const facts = { stage: stageOfStore(store), store, key, found, expected };
  const stored = found === UNNUMBERED ? "before formats had numbers" : `in format ${found}`;
  const message = `the state ${store} of ${key} was stored ${stored}, and this version reads format ${expected}`;
  return new StateError("state.format", message, facts, options);
}

function unreadable({ store, key }: StoredAt, formats: Formats, cause: unknown): StateError {
  const facts = { stage: stageOfStore(store), store, key, ...formats };
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = `the state ${store} of ${key} does not read as what this version writes: ${reason}`;
  return new StateError("state.unreadable", message, facts, { cause });
}

const utf8Decoder = new TextDecoder();

/**
 * For small values made of plain JSON. `check` says whether it is one; `fromUnnumbered` brings what
 * was stored before formats had numbers to the shape of today.
 */
export function jsonCodec<Value>(
  format: number,
  check: Check<Value>,
  fromUnnumbered: (json: unknown) => unknown = (json) => json,
): StateCodec<Value> {
  const parse = (json: unknown): Value => {
    if (!check(json)) throw new TypeError("the JSON has another shape");
    return json;
  };
  const jsonOf = (bytes: Uint8Array): unknown => JSON.parse(utf8Decoder.decode(bytes));
  return {
    format,
    encode: (value, into) => into.utf8(JSON.stringify(value)),
    decode: (bytes) => parse(jsonOf(bytes)),
    decodeUnnumbered: (bytes) => parse(fromUnnumbered(jsonOf(bytes))),
  };
}
