import { errorCode } from "@amc/platform/postgres/errors";
import type { Column } from "@amc/streams/projections/columns";
import {
  columnsOf,
  TABLE_NAMES,
  type TableName,
  type TableRow,
  tableOf,
} from "@amc/streams/projections/tables";
import { columnOf, type Parameter, WIRE_TYPES } from "./column-array.ts";
import type { StatementError } from "./pipeline.ts";
import type { Statement } from "./statement.ts";

/**
 * Writes rows of one table in one statement: a column is one array parameter, so the text is the
 * same for any number of rows and is prepared once. Rows of one key must have been reduced to one.
 */
export function upsertOf(name: TableName, rows: readonly TableRow[]): Statement {
  const { upsertText, columns } = writesOf(name);
  return { name: `upsert-${name}`, text: upsertText, parameters: parametersOf(columns, rows) };
}

const INSERT = "insert-";

/**
 * As `upsertOf`, for rows of events that the table does not hold yet, where it holds one row for each event:
 * fails when it does. To look for every row first, and to claim its key until it is written, costs the
 * server 2 us a row, which is for copies in the log only.
 */
export function insertOf(name: TableName, rows: readonly TableRow[]): Statement {
  const { insertText, columns } = writesOf(name);
  if (insertText === null) return upsertOf(name, rows);
  return { name: INSERT + name, text: insertText, parameters: parametersOf(columns, rows) };
}

export const UNIQUE_VIOLATION = "23505";

/** Whether a statement of `insertOf` failed because the table holds one of its events. */
export function isOfKnownEvent({ facts, cause }: StatementError): boolean {
  return facts.statement.startsWith(INSERT) && errorCode(cause) === UNIQUE_VIOLATION;
}

type Columns = readonly (readonly [string, Column])[];

interface Writes {
  readonly upsertText: string;
  /** Null for a table whose rows are of more than one event. */
  readonly insertText: string | null;
  readonly columns: Columns;
}

const WRITES: ReadonlyMap<TableName, Writes> = new Map(
  TABLE_NAMES.filter((name) => tableOf(name).joined !== true).map((name): [TableName, Writes] => {
    const { key, newestBy } = tableOf(name);
    const isOfOneEvent = newestBy === undefined && key.join() === "event_id";
    const inserted = insertText(name);
    const upserted = `${inserted}\n    ON CONFLICT (${key.join(", ")}) ${conflictAction(name)}`;
    const columns = columnsOf(name);
    return [name, { upsertText: upserted, insertText: isOfOneEvent ? inserted : null, columns }];
  }),
);

function writesOf(name: TableName): Writes {
  const writes = WRITES.get(name);
  if (writes === undefined) throw new TypeError(`${name} is filled by joins, not by rows`);
  return writes;
}

function parametersOf(columns: Columns, rows: readonly TableRow[]): readonly Parameter[] {
  return columns.map(([column, { kind, scale }]) => columnOf(kind, rows, column, scale));
}

/**
 * Names come from the table registry only; values travel as parameters. The arrays are unnested in the list
 * of a SELECT, which steps through all of them row by row: in FROM each column is put into a store of its
 * own first, and rows are made from those (a tenth of what all statements of `signals` cost the server).
 */
function insertText(name: TableName): string {
  const columns = columnsOf(name);
  const names = columns.map(([column]) => column).join(", ");
  const parameters = columns.map(
    ([column, { kind }], index) => `unnest($${index + 1}::${WIRE_TYPES[kind].name}[]) AS ${column}`,
  );
  const selected = columns.map(([column, { kind }]) => {
    const { cast } = WIRE_TYPES[kind];
    return cast === undefined ? `batch.${column}` : `batch.${column}::${cast}`;
  });
  return `INSERT INTO ${name} AS current (${names})
    SELECT ${selected.join(", ")} FROM (SELECT ${parameters.join(", ")}) AS batch`;
}

function conflictAction(name: TableName): string {
  const { key, newestBy } = tableOf(name);
  if (newestBy === undefined) return "DO NOTHING";
  // Measured columns are joined in later and outlive a newer version of their row.
  const changed = columnsOf(name)
    .filter(([column, { measured }]) => measured !== true && !key.includes(column))
    .map(([column]) => `${column} = excluded.${column}`);
  const age = (row: string) => newestBy.map((column) => `${row}.${column}`).join(", ");
  return `DO UPDATE SET ${changed.join(", ")} WHERE (${age("excluded")}) > (${age("current")})`;
}
