/**
 * Identity from content. A derived event id is a hash of what made it, written as an RFC 9562
 * version 8 UUID, so that a replay gives the same ids and a duplicate is recognisable anywhere.
 * The hash is MurmurHash3 x86 128 (public domain, Austin Appleby): fast, well mixed, and not a
 * defence against someone who wants a collision, which nobody inside one log can gain from.
 */

const encoder = new TextEncoder();
const scratch = new Uint8Array(4096);
const C1 = 0x239b961b;
const C2 = 0xab0e9789;
const C3 = 0x38b34ae5;
const C4 = 0xa1e38b93;

/** Four 32-bit lanes of a 128-bit hash. */
export type Lanes = Uint32Array;

function rotl(x: number, r: number): number {
  return (x << r) | (x >>> (32 - r));
}

function fmix(input: number): number {
  let h = input;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** Little-endian word at `at`. A DataView for each hash cost more than the shifts. */
function wordAt(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] ?? 0) |
    ((bytes[at + 1] ?? 0) << 8) |
    ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24)
  );
}

/** The last, incomplete words of a text; zero when `length` ends before. */
function tailWord(bytes: Uint8Array, from: number, length: number): number {
  let word = 0;
  for (let at = from; at < length && at < from + 4; at += 1) {
    word |= (bytes[at] ?? 0) << ((at - from) << 3);
  }
  return word;
}

/** MurmurHash3_x86_128 with seed 0 over `bytes[0, length)`, into `out`. */
export function murmur128(bytes: Uint8Array, length: number, out: Lanes): void {
  let h1 = 0;
  let h2 = 0;
  let h3 = 0;
  let h4 = 0;
  const blocks = length >>> 4;
  for (let block = 0; block < blocks; block += 1) {
    const at = block << 4;
    h1 ^= Math.imul(rotl(Math.imul(wordAt(bytes, at), C1), 15), C2);
    h1 = (Math.imul(rotl(h1, 19) + h2, 5) + 0x561ccd1b) | 0;
    h2 ^= Math.imul(rotl(Math.imul(wordAt(bytes, at + 4), C2), 16), C3);
    h2 = (Math.imul(rotl(h2, 17) + h3, 5) + 0x0bcaa747) | 0;
    h3 ^= Math.imul(rotl(Math.imul(wordAt(bytes, at + 8), C3), 17), C4);
    h3 = (Math.imul(rotl(h3, 15) + h4, 5) + 0x96cd1c35) | 0;
    h4 ^= Math.imul(rotl(Math.imul(wordAt(bytes, at + 12), C4), 18), C1);
    h4 = (Math.imul(rotl(h4, 13) + h1, 5) + 0x32ac3b17) | 0;
  }
  const end = blocks << 4;
  const rest = length & 15;
  if (rest > 12) h4 ^= Math.imul(rotl(Math.imul(tailWord(bytes, end + 12, length), C4), 18), C1);
  if (rest > 8) h3 ^= Math.imul(rotl(Math.imul(tailWord(bytes, end + 8, length), C3), 17), C4);
  if (rest > 4) h2 ^= Math.imul(rotl(Math.imul(tailWord(bytes, end + 4, length), C2), 16), C3);
  if (rest > 0) h1 ^= Math.imul(rotl(Math.imul(tailWord(bytes, end, length), C1), 15), C2);

  h1 ^= length;
  h2 ^= length;
  h3 ^= length;
  h4 ^= length;
  h1 = (h1 + h2 + h3 + h4) | 0;
  h2 = (h2 + h1) | 0;
  h3 = (h3 + h1) | 0;
  h4 = (h4 + h1) | 0;
  h1 = fmix(h1);
  h2 = fmix(h2);
  h3 = fmix(h3);
  h4 = fmix(h4);
  h1 = (h1 + h2 + h3 + h4) | 0;
  out[0] = h1;
  out[1] = h2 + h1;
  out[2] = h3 + h1;
  out[3] = h4 + h1;
}

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, "0"),
);

function hex32(lane: number): string {
  return `${HEX[lane >>> 24]}${HEX[(lane >>> 16) & 255]}${HEX[(lane >>> 8) & 255]}${HEX[lane & 255]}`;
}

/** 32 hex digits of a 128-bit value. */
export function lanesToHex(lanes: Lanes): string {
  return hex32(lanes[0] ?? 0) + hex32(lanes[1] ?? 0) + hex32(lanes[2] ?? 0) + hex32(lanes[3] ?? 0);
}

/** The lanes as a version 8 UUID: six of the 128 bits give way to version and variant. */
export function lanesToUuid(lanes: Lanes): string {
  const second = hex32(((lanes[1] ?? 0) & 0xffff0fff) | 0x8000);
  const third = hex32(((lanes[2] ?? 0) & 0x3fffffff) | 0x80000000);
  return `${hex32(lanes[0] ?? 0)}-${second.slice(0, 4)}-${second.slice(4)}-${third.slice(0, 4)}-${third.slice(4)}${hex32(lanes[3] ?? 0)}`;
}

/** The UUID whose lanes these are, as `addUuid` on zeroed lanes reads them. */
export function formatUuid(lanes: Lanes): string {
  const hex = lanesToHex(lanes);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** 1 for the digits of lower-case hexadecimal, by character code. */
const IS_HEX = new Uint8Array(128);
for (const digit of "0123456789abcdef") IS_HEX[digit.charCodeAt(0)] = 1;
const DASH = 45;

function isHexRun(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) {
    if (IS_HEX[text.charCodeAt(at)] !== 1) return false;
  }
  return true;
}

/** True for a lower-case UUID. A loop, because a regular expression took a tenth of a tick's time. */
export function isUuid(text: string): boolean {
  return (
    text.length === 36 &&
    text.charCodeAt(8) === DASH &&
    text.charCodeAt(13) === DASH &&
    text.charCodeAt(18) === DASH &&
    text.charCodeAt(23) === DASH &&
    isHexRun(text, 0, 8) &&
    isHexRun(text, 9, 13) &&
    isHexRun(text, 14, 18) &&
    isHexRun(text, 19, 23) &&
    isHexRun(text, 24, 36)
  );
}

function nibble(code: number): number {
  return code <= 57 ? code - 48 : code - 87;
}

/** Adds a lower-case UUID, as four 32-bit lanes, to an order-free sum of ids. */
export function addUuid(sum: Lanes, uuid: string, sign: 1 | -1 = 1): void {
  let at = 0;
  for (let lane = 0; lane < 4; lane += 1) {
    let value = 0;
    for (let digit = 0; digit < 8; digit += 1) {
      let code = uuid.charCodeAt(at);
      if (code === 45) {
        at += 1;
        code = uuid.charCodeAt(at);
      }
      value = (value << 4) | nibble(code);
      at += 1;
    }
    sum[lane] = (sum[lane] ?? 0) + sign * (value >>> 0);
  }
}

const lanes = new Uint32Array(4);

/** Version 8 UUID of a text. */
export function uuidOf(text: string): string {
  if (text.length * 3 <= scratch.length) {
    const { written } = encoder.encodeInto(text, scratch);
    murmur128(scratch, written, lanes);
  } else {
    const bytes = encoder.encode(text);
    murmur128(bytes, bytes.length, lanes);
  }
  return lanesToUuid(lanes);
}

/**
 * Id of the `index`-th event that a stage derives from `inputs` (ids, or other text that names
 * what the event depends on). Nothing else may enter: no position, duration or wall time.
 */
export function derivedId(
  stage: string,
  version: number,
  inputs: readonly string[],
  index = 0,
): string {
  return uuidOf(`${stage}/${version}/${inputs.join(",")}/${index}`);
}
