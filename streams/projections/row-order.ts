import type { Table } from "./table.ts";
import type { TableRow } from "./tables.ts";

type AnyRow = TableRow;

/** Text that two rows of a table share exactly when they share its key. */
export function rowKey({ key }: Table, row: AnyRow): string {
  const values: Readonly<Record<string, unknown>> = row;
  const [first = "", ...others] = key;
  if (others.length === 0) return String(values[first]);
  return key.map((column) => String(values[column])).join("\u0000");
}

/** True when `next` takes the place of `current`, which has the same key. */
export function supersedes({ newestBy }: Table, next: AnyRow, current: AnyRow): boolean {
  if (newestBy === undefined) return false;
  const later: Readonly<Record<string, unknown>> = next;
  const earlier: Readonly<Record<string, unknown>> = current;
  for (const column of newestBy) {
    const order = compare(later[column], earlier[column]);
    if (order !== 0) return order > 0;
  }
  return false;
}

/** Instants as numbers, ids by their digits, as PostgreSQL orders timestamps and UUIDs. */
function compare(a: unknown, b: unknown): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  const left = String(a);
  const right = String(b);
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
