import { formatDuration } from "./format.ts";

const WIDTH = 24;
/** Redraw at most this often, so that a fast run is not slowed by its own bar. */
const EVERY_MS = 100;

export interface ProgressState {
  /** 0 to 1. */
  readonly fraction: number;
  readonly label: string;
}

/** Where a bar is drawn; `isTTY` is not even there when the stream leads into a file or a pipe. */
export interface BarStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** A bar with an ETA; nothing at all unless it is enabled and the stream is a terminal. */
export class ProgressBar {
  readonly #stream: BarStream;
  readonly #now: () => number;
  readonly #startedMs: number;
  readonly #enabled: boolean;
  #drawnMs = Number.NEGATIVE_INFINITY;
  #shown = false;

  constructor(stream: BarStream, enabled: boolean, now: () => number) {
    this.#stream = stream;
    this.#now = now;
    this.#startedMs = now();
    this.#enabled = enabled && stream.isTTY === true;
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
