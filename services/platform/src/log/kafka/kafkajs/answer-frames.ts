/** Bytes of an answer that say how many follow. */
const SIZE_BYTES = 4;

/** Follows the answers of a connection by their sizes alone. */
export class AnswerFrames {
  #sizeBytes = 0;
  #size = 0;
  /** Of the answer that is under way. */
  #left = 0;

  /** Takes what came; whether it ended with the end of an answer. */
  take(bytes: Uint8Array): boolean {
    let at = 0;
    while (at < bytes.length) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, bytes.length - at);
        this.#left -= taken;
        at += taken;
        continue;
      }
      this.#size = this.#size * 256 + (bytes[at] ?? 0);
      this.#sizeBytes += 1;
      at += 1;
      if (this.#sizeBytes < SIZE_BYTES) continue;
      this.#left = this.#size;
      this.#size = 0;
      this.#sizeBytes = 0;
    }
    return this.#left === 0 && this.#sizeBytes === 0;
  }
}
