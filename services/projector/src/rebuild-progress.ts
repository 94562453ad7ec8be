export interface RebuildProgress {
  readonly records: number;
  /** Records there will be, as known now; grows while the projector in use goes on. */
  readonly expected: number;
  readonly elapsedMs: number;
  readonly recordsPerSecond: number;
  /** At the rate so far, ms. */
  readonly remainingMs: number;
}

const REPORT_EVERY_MS = 1_000;

/** Rate and remaining time of a rebuild, reported about once a second. */
export class RebuildMeter {
  readonly #now: () => number;
  readonly #onProgress: ((progress: RebuildProgress) => void) | undefined;
  readonly #startedMs: number;
  #expected = 0;
  #reportedMs = Number.NEGATIVE_INFINITY;

  constructor(now: () => number, onProgress?: (progress: RebuildProgress) => void) {
    this.#now = now;
    this.#onProgress = onProgress;
    this.#startedMs = now();
  }

  expect(records: number): void {
    this.#expected = records;
  }

  elapsedMs(): number {
    return this.#now() - this.#startedMs;
  }

  report(records: number): void {
    if (this.#onProgress === undefined) return;
    const nowMs = this.#now();
    if (nowMs - this.#reportedMs < REPORT_EVERY_MS && records < this.#expected) return;
    this.#reportedMs = nowMs;
    const elapsedMs = this.elapsedMs();
    const perMs = elapsedMs > 0 ? records / elapsedMs : 0;
    const remaining = Math.max(0, this.#expected - records);
    this.#onProgress({
      records,
      expected: this.#expected,
      elapsedMs,
      recordsPerSecond: perMs * 1000,
      remainingMs: perMs > 0 ? remaining / perMs : 0,
    });
  }
}
