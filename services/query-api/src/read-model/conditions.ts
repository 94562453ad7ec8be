import type { PageQuery } from "./port.ts";

/** Columns that a list may be filtered by: no other identifier reaches a statement. */
export type FilterColumn =
  | "symbol"
  | "label"
  | "first_failure"
  | "job"
  | "state"
  | "kind"
  | "metric";

export const NEWEST_FIRST = "ORDER BY happened_at DESC, event_id DESC";

/** Builds the `WHERE` of one list: fixed texts with `$n`, so a value can never become SQL. */
export class Conditions {
  readonly values: unknown[] = [];
  readonly #parts: string[] = [];

  equal(column: FilterColumn, value: string | null): this {
    if (value !== null) this.#parts.push(`${column} = ${this.add(value)}`);
    return this;
  }

  since(ms: number | null): this {
    if (ms !== null) this.#parts.push(`happened_at >= ${this.add(new Date(ms))}`);
    return this;
  }

  before(ms: number | null): this {
    if (ms !== null) this.#parts.push(`happened_at < ${this.add(new Date(ms))}`);
    return this;
  }

  failedGates(most: number): this {
    // Written so, the first half is the condition of the partial index on near misses.
    this.#parts.push(`failed_gates > 0 AND failed_gates <= ${this.add(most)}`);
    return this;
  }

  /** What had happened by then, and after the last row of the page before. */
  page({ asOfMs, after }: PageQuery): this {
    if (asOfMs !== null) this.#parts.push(`happened_at <= ${this.add(new Date(asOfMs))}`);
    if (after !== null) {
      const at = this.add(new Date(after.atMs));
      this.#parts.push(`(happened_at, event_id) < (${at}, ${this.add(after.id)}::uuid)`);
    }
    return this;
  }

  /** The order of every list and its end. */
  newestFirst({ limit }: PageQuery): string {
    return `${NEWEST_FIRST} LIMIT ${this.add(limit)}`;
  }

  /** Adds a value and returns its `$n`. */
  add(value: unknown): string {
    return `$${this.values.push(value)}`;
  }

  get text(): string {
    return this.#parts.length === 0 ? "" : `WHERE ${this.#parts.join(" AND ")}`;
  }
}
