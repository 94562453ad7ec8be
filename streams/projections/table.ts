import type { Column, ValueOf } from "./columns.ts";

/** One table of the read model: what a row holds and which of two rows with one key stays. */
export interface Table {
  /** Natural key; also the order in which tables are dumped and compared. */
  readonly key: readonly string[];
  readonly columns: Readonly<Record<string, Column>>;
  /**
   * The row with the greatest of these columns, compared one after the other, stays; so the table
   * does not depend on the order in which partitions are read. Without it the first row of a key
   * stays, which is what a record written twice needs: its copy changes nothing.
   */
  readonly newestBy?: readonly string[];
  /** Filled inside the projector's transaction from other tables, never by a row change. */
  readonly joined?: true;
  /** Measured, not computed from facts: left out of every comparison (design.md §4). */
  readonly measured?: true;
}

export type RowOf<Definition extends Table> = {
  readonly [Name in keyof Definition["columns"]]: ValueOf<Definition["columns"][Name]>;
};
