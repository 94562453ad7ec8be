/** Rows that were refused for one reason. */
export interface Refusal {
  readonly code: string;
  readonly count: number;
  /** What was said of the first: `file:row:column: why`. */
  readonly first: string;
}

/** Counts refused rows by code; the first of each stands for the others. */
export class Refusals {
  readonly #byCode = new Map<string, { readonly first: string; count: number }>();

  add(code: string, message: string): void {
    const known = this.#byCode.get(code);
    if (known === undefined) this.#byCode.set(code, { first: message, count: 1 });
    else known.count += 1;
  }

  /** The most frequent first. */
  list(): readonly Refusal[] {
    return [...this.#byCode]
      .map(([code, { first, count }]) => ({ code, count, first }))
      .sort((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1));
  }
}
