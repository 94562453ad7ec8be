import type { Json } from "./columns.ts";
import type { ProjectionName } from "./projections.ts";
import type { TableName, TableRow } from "./tables.ts";

/** A row to be written; what happens to an earlier row of its key is the table's rule. */
export type RowChange = {
  readonly [Name in TableName]: { readonly table: Name; readonly row: TableRow<Name> };
}[TableName];

/** A cached answer. Of two for one key the one with the later `happenedAt` stays. */
export interface CacheChange {
  readonly key: string;
  readonly value: Json;
  readonly ttlSeconds: number;
  /** Event time of what is cached, UTC ms. */
  readonly happenedAt: number;
}

/** What one event changes. */
export interface Changes {
  readonly rows: readonly RowChange[];
  readonly cache: readonly CacheChange[];
  /** Cached answers of runs before it, UTC ms, are stale from now on; null says nothing about them. */
  readonly staleBefore: number | null;
}

/** Where the record of an event lies, and for which projection it was read. */
export interface RecordOrigin {
  readonly projection: ProjectionName;
  readonly partition: number;
  readonly offset: number;
}
