import type { Teller } from "../artefacts/provide.ts";

const PROGRESS_EVERY_MS = 1_000;
const MEGABYTE = 1e6;

/** As text: lines on stdout, hints on stderr. As JSON: one object per line on stdout, nothing else. */
export class Printer implements Teller {
  readonly #json: boolean;
  #progressMs = Number.NEGATIVE_INFINITY;

  constructor(json: boolean) {
    this.#json = json;
  }

  /** The same fact in both forms; null leaves a form out. */
  line(json: Readonly<Record<string, unknown>>, text: string | null): void {
    if (this.#json) process.stdout.write(`${JSON.stringify(json)}\n`);
    else if (text !== null) process.stdout.write(`${text}\n`);
  }

  note(text: string): void {
    if (!this.#json) process.stderr.write(`${text}\n`);
  }

  /** At most one line a second, and the last one. */
  progress(what: string, doneBytes: number, totalBytes: number): void {
    const now = performance.now();
    if (doneBytes < totalBytes && now - this.#progressMs < PROGRESS_EVERY_MS) return;
    this.#progressMs = now;
    if (this.#json) {
      this.line({ type: "progress", what, doneBytes, totalBytes }, null);
      return;
    }
    const done = (doneBytes / MEGABYTE).toFixed(1);
    this.note(`  ${what}: ${done} of ${(totalBytes / MEGABYTE).toFixed(1)} MB`);
  }
}
