import { formatDuration } from "./format.ts";

const WIDTH = 24;
/** Redraw at most this often, so that a fast run is not slowed by its own bar. */
const EVERY_MS = 100;

export interface ProgressState {
  /** 0 to 1. */
  readonly fraction: number;
  readonly label: string;
}

/** A bar with an ETA on stderr; nothing at all when stderr is not a terminal or NO_COLOR-style quiet is asked. */
export class ProgressBar {
  readonly #stream: NodeJS.WriteStream;
  readonly #now: () => number;
  readonly #startedMs: number;
  readonly #enabled: boolean;
  #drawnMs = Number.NEGATIVE_INFINITY;
  #shown = false;

  constructor(stream: NodeJS.WriteStream, enabled: boolean, now: () => number) {
    this.#stream = stream;
    this.#now = now;
    this.#startedMs = now();
    this.#enabled = enabled && stream.isTTY;
  }

  update({ fraction, label }: ProgressState): void {
    const now = this.#now();
    if (!this.#enabled || now - this.#drawnMs < EVERY_MS) return;
    this.#drawnMs = now;
    const done = Math.min(1, Math.max(0, fraction));
    const filled = Math.round(done * WIDTH);
    const elapsedMs = now - this.#startedMs;
    const eta = done > 0.01 ? formatDuration((elapsedMs * (1 - done)) / done) : "…";
    const bar = "█".repeat(filled) + "░".repeat(WIDTH - filled);
    this.#stream.write(`\r\u001b[K${bar} ${Math.floor(done * 100)} %  ETA ${eta}  ${label}`);
    this.#shown = true;
  }

  /** Takes the bar away so that a line can be printed; the next update draws it again. */
  clear(): void {
    if (!this.#shown) return;
    this.#stream.write("\r\u001b[K");
    this.#shown = false;
    this.#drawnMs = Number.NEGATIVE_INFINITY;
  }
}
