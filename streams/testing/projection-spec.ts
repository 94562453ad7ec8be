import { encodeEvent } from "@amc/schemas/codec";
import type { AnyEvent } from "../kernel/stage.ts";
import type { CacheChange } from "../projections/change.ts";
import type { Misfit } from "../projections/fit-row.ts";
import { projectEvent } from "../projections/project-event.ts";
import { PROJECTION_NAMES, PROJECTIONS, type ProjectionName } from "../projections/projections.ts";
import { rowKey, supersedes } from "../projections/row-order.ts";
import { TABLE_NAMES, type TableName, type TableRow, tableOf } from "../projections/tables.ts";

export interface Delivery {
  /** The batch is written this many times, each time at new offsets: a producer that retried. */
  readonly repeated?: number;
  /** The batch is read this many times at the same offsets: a consumer that came back. */
  readonly redelivered?: number;
}

/**
 * Given/when/then for projections, without a database: `given` events have been projected before,
 * `when` delivers more, and the tables, cache and misfits are read from what comes back. Events of
 * one topic lie in one partition.
 */
export function given(...events: readonly AnyEvent[]): ProjectionSpec {
  return new ProjectionSpec().when(events);
}

interface Delivered {
  readonly event: AnyEvent;
  readonly offset: number;
}

class ProjectionSpec {
  readonly misfits: Misfit[] = [];
  readonly #tables = new Map<TableName, Map<string, TableRow>>(
    TABLE_NAMES.map((name) => [name, new Map()]),
  );
  readonly #cache = new Map<string, CacheChange>();
  readonly #ends = new Map<string, number>();
  readonly #positions = new Map<string, number>();

  when(events: readonly AnyEvent[], { repeated = 1, redelivered = 1 }: Delivery = {}): this {
    for (let copy = 0; copy < repeated; copy += 1) {
      const batch = events.map((event) => ({ event, offset: this.#append(event) }));
      for (let read = 0; read < redelivered; read += 1) this.#deliver(batch);
    }
    return this;
  }

  /** Rows of a table in key order. */
  rows(name: TableName): readonly TableRow[] {
    const rows = [...(this.#tables.get(name) ?? [])];
    return rows.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  }

  /** All tables, for comparing one history with another. */
  everything(): Readonly<Record<string, readonly TableRow[]>> {
    return Object.fromEntries(TABLE_NAMES.map((name) => [name, this.rows(name)]));
  }

  cached(key: string): CacheChange | undefined {
    return this.#cache.get(key);
  }

  #append({ topic }: AnyEvent): number {
    const offset = this.#ends.get(topic) ?? 0;
    this.#ends.set(topic, offset + 1);
    return offset;
  }

  #deliver(batch: readonly Delivered[]): void {
    for (const { event, offset } of batch) {
      // What the projector's stored position does with a record it has already applied.
      if (offset < (this.#positions.get(event.topic) ?? 0)) continue;
      this.#positions.set(event.topic, offset + 1);
      this.#projectAll(event, offset);
    }
  }

  #projectAll(event: AnyEvent, offset: number): void {
    for (const projection of PROJECTION_NAMES) {
      const topics: readonly string[] = PROJECTIONS[projection];
      if (topics.includes(event.topic)) this.#project(event, offset, projection);
    }
  }

  #project(event: AnyEvent, offset: number, projection: ProjectionName): void {
    const record = encodeEvent(event.topic, event.value);
    const projected = projectEvent(event, record, { projection, partition: 0, offset });
    if (!projected.ok) {
      this.misfits.push(projected.misfit);
      return;
    }
    for (const { table, row } of projected.changes.rows) {
      const rows = this.#tables.get(table);
      const key = rowKey(tableOf(table), row);
      const current = rows?.get(key);
      if (current === undefined || supersedes(tableOf(table), row, current)) rows?.set(key, row);
    }
    for (const change of projected.changes.cache) {
      const current = this.#cache.get(change.key);
      if (current === undefined || change.happenedAt >= current.happenedAt) {
        this.#cache.set(change.key, change);
      }
    }
  }
}
