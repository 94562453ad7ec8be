import type { CacheChange, RowChange } from "@amc/streams/projections/change";
import { rowKey, supersedes } from "@amc/streams/projections/row-order";
import {
  TABLE_NAMES,
  type TableName,
  type TableRow,
  tableOf,
} from "@amc/streams/projections/tables";

import { JoinKeys } from "./joins.ts";

/**
 * Rows and cached answers of one batch, reduced to what will be left of them: one statement may
 * touch a row once only, and 500 ticks of one symbol are one row.
 */
export class RowBuffer {
  readonly joins = new JoinKeys();
  readonly #tables = new Map<TableName, Map<string, TableRow>>();
  readonly #cache = new Map<string, CacheChange>();
  #staleBefore: number | null = null;

  add(change: RowChange): void {
    const { table, row } = change;
    this.joins.note(change);
    let rows = this.#tables.get(table);
    if (rows === undefined) {
      rows = new Map();
      this.#tables.set(table, rows);
    }
    const definition = tableOf(table);
    const key = rowKey(definition, row);
    const current = rows.get(key);
    if (current === undefined || supersedes(definition, row, current)) rows.set(key, row);
  }

  addCached(change: CacheChange): void {
    const current = this.#cache.get(change.key);
    if (current === undefined || change.happenedAt >= current.happenedAt) {
      this.#cache.set(change.key, change);
    }
  }

  /** Tables with rows, always in registry order: two writers can then never wait for each other. */
  *tables(): Generator<readonly [TableName, readonly TableRow[]]> {
    for (const name of TABLE_NAMES) {
      const rows = this.#tables.get(name);
      if (rows !== undefined) yield [name, [...rows.values()]];
    }
  }

  addStale(before: number): void {
    this.#staleBefore = Math.max(before, this.#staleBefore ?? before);
  }

  /** The latest instant before which cached answers are stale; null when no record tells one. */
  get staleBefore(): number | null {
    return this.#staleBefore;
  }

  cached(): readonly CacheChange[] {
    return [...this.#cache.values()];
  }
}
