/** Two sweeps are a minute apart: after more than that one of them had no answer. */
const MISSED_MS = 90_000;

/**
 * Symbols whose minutes are missing because nobody answered while they were the newest: a snapshot has the
 * newest alone.
 */
export class MissedMinutes {
  readonly #symbols: readonly string[];
  /** Since when, UTC ms. */
  readonly #since = new Map<string, number>();
  /** When a snapshot was answered last, UTC ms; null before the first. */
  #heardMs: number | null = null;

  constructor(symbols: readonly string[]) {
    this.#symbols = symbols;
  }

  /** A snapshot was answered. */
  heard(nowMs: number): void {
    this.#heardMs = nowMs;
  }

  /** Those to be asked about at an instant, UTC ms, at most so many; `fromMs` is where they are missing from. */
  at(nowMs: number, most: number): readonly { readonly symbol: string; readonly fromMs: number }[] {
    const heardMs = this.#heardMs;
    if (heardMs !== null && nowMs - heardMs > MISSED_MS) {
      // What was missing before is missing still.
      for (const symbol of this.#symbols) {
        this.#since.set(symbol, Math.min(heardMs, this.#since.get(symbol) ?? heardMs));
      }
    }
    return [...this.#since].slice(0, most).map(([symbol, fromMs]) => ({ symbol, fromMs }));
  }

  /** Its minutes up to now are there. */
  filled(symbol: string): void {
    this.#since.delete(symbol);
  }
}
