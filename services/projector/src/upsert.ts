import type { Column } from "@amc/streams/projections/columns";
import {
  columnsOf,
  TABLE_NAMES,
  type TableName,
  type TableRow,
  tableOf,
} from "@amc/streams/projections/tables";
import { columnOf, WIRE_TYPES } from "./column-array.ts";
import type { Statement } from "./statement.ts";

/**
 * Writes rows of one table in one statement: a column is one array parameter, so the text is the
 * same for any number of rows and is prepared once. Rows of one key must have been reduced to one.
 */
export function upsertOf(name: TableName, rows: readonly TableRow[]): Statement {
  const statement = STATEMENTS.get(name);
  if (statement === undefined) throw new TypeError(`${name} is filled by joins, not by rows`);
  const parameters = statement.columns.map(([column, { kind, scale }]) =>
    columnOf(kind, rows, column, scale),
  );
  return { name: `upsert-${name}`, text: statement.text, parameters };
}

interface UpsertStatement {
  readonly text: string;
  readonly columns: readonly (readonly [string, Column])[];
}

const STATEMENTS: ReadonlyMap<TableName, UpsertStatement> = new Map(
  TABLE_NAMES.filter((name) => tableOf(name).joined !== true).map((name) => [
    name,
    { text: upsertText(name), columns: columnsOf(name) },
  ]),
);

/**
 * Names come from the table registry only; values travel as parameters. The arrays are unnested in the list
 * of a SELECT, which steps through all of them row by row: in FROM each column is put into a store of its
 * own first, and rows are made from those (a tenth of what all statements of `signals` cost the server).
 */
function upsertText(name: TableName): string {
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
    SELECT ${selected.join(", ")} FROM (SELECT ${parameters.join(", ")}) AS batch
    ON CONFLICT (${tableOf(name).key.join(", ")}) ${conflictAction(name)}`;
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
