/** SHA-256 (FIPS 180-4) in plain code, because stages may not import node:crypto. */

import { BLOCK_BYTES, paddedBlocks } from "./padded-blocks.ts";

/** First 32 bits of the fractions of the cube roots of the first 64 primes. */
const ROUND_CONSTANTS: readonly number[] = [
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
];
/** First 32 bits of the fractions of the square roots of the first eight primes. */
const INITIAL_STATE: readonly number[] = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];
const schedule = new Int32Array(64);

/** SHA-256 of the UTF-8 bytes of a text, as 64 digits of lower-case hex. */
export function sha256Hex(text: string): string {
  const view = paddedBlocks(text, false);
  const state = [...INITIAL_STATE];
  for (let at = 0; at < view.byteLength; at += BLOCK_BYTES) addBlock(state, view, at);
  return state.map((word) => word.toString(16).padStart(8, "0")).join("");
}

function addBlock(state: number[], view: DataView, at: number): void {
  expand(view, at);
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let step = 0; step < 64; step += 1) {
    const choice = (e & f) ^ (~e & g);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const first =
      h +
      (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) +
      choice +
      (ROUND_CONSTANTS[step] ?? 0) +
      (schedule[step] ?? 0);
    const second = (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + majority;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  for (const [index, added] of [a, b, c, d, e, f, g, h].entries()) {
    state[index] = ((state[index] ?? 0) + added) >>> 0;
  }
}

/** The 16 words of a block, big-endian, drawn out to 64. */
function expand(view: DataView, at: number): void {
  for (let step = 0; step < 16; step += 1) schedule[step] = view.getInt32(at + step * 4);
  for (let step = 16; step < 64; step += 1) {
    const near = schedule[step - 15] ?? 0;
    const far = schedule[step - 2] ?? 0;
    const one = rotr(near, 7) ^ rotr(near, 18) ^ (near >>> 3);
    const other = rotr(far, 17) ^ rotr(far, 19) ^ (far >>> 10);
    schedule[step] = (schedule[step - 16] ?? 0) + one + (schedule[step - 7] ?? 0) + other;
  }
}

function rotr(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by));
}
