import type { JsonLine } from "./lines.ts";
import { ProgressBar, type ProgressState } from "./progress-bar.ts";

/**
 * Where a command's words go. As text: lines on stdout, the bar on stderr. As JSON: one object per
 * line on stdout and nothing else there.
 */
export class Printer {
  readonly json: boolean;
  readonly #bar: ProgressBar;
  #progressMs = Number.NEGATIVE_INFINITY;
  readonly #now: () => number;

  constructor(json: boolean, now: () => number = () => performance.now()) {
    this.json = json;
    this.#now = now;
    this.#bar = new ProgressBar(process.stderr, !json, now);
  }

  /** The same fact in both forms; null leaves a form out. */
  line(json: JsonLine | null, text: string | null): void {
    if (this.json) {
      if (json !== null) process.stdout.write(`${JSON.stringify(json)}\n`);
      return;
    }
    if (text === null) return;
    this.#bar.clear();
    process.stdout.write(`${text}\n`);
  }

  /** Hints and headings for people: on stderr, where they are in nobody's way in either form. */
  note(text: string): void {
    this.#bar.clear();
    process.stderr.write(`${text}\n`);
  }

  /** At most one progress object a second for scripts; a bar for people. */
  progress(state: ProgressState & Readonly<Record<string, unknown>>): void {
    if (!this.json) {
      this.#bar.update(state);
      return;
    }
    const now = this.#now();
    if (now - this.#progressMs < 1_000) return;
    this.#progressMs = now;
    process.stdout.write(`${JSON.stringify({ type: "progress", ...state })}\n`);
  }

  done(): void {
    this.#bar.clear();
  }
}
