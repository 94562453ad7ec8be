import { createHash } from "node:crypto";
import type { Column } from "@amc/streams/projections/columns";
import { columnsOf, TABLE_NAMES, type TableName, tableOf } from "@amc/streams/projections/tables";
import pg, { type ClientBase } from "pg";
import { copyOut } from "./copy-out.ts";

/** Tables that are functions of the log: all but what the runtime measured. */
export const COMPARED_TABLES: readonly TableName[] = TABLE_NAMES.filter(
  (name) => tableOf(name).measured !== true,
);

/** Columns that are functions of the log, in registry order; a surrogate id is not among them. */
export function comparedColumns(name: TableName): readonly (readonly [string, Column])[] {
  return columnsOf(name).filter(([, { measured }]) => measured !== true);
}

export interface TableDigest {
  readonly table: TableName;
  /** sha256 of the rows as COPY writes them, in the order of the natural key; hex. */
  readonly sha256: string;
}

/**
 * Digests of all compared tables of one schema. Equal tables have equal digests on any version of
 * PostgreSQL: everything that changes how a value is written is set here, text is ordered by bytes.
 */
export async function tableDigests(client: ClientBase, schema: string): Promise<TableDigest[]> {
  return await digestsOver(client, schema, comparedColumns);
}

/**
 * As `tableDigests`, for tables made from different logs of the same facts: without the columns that
 * say where something lies in the log, as its partitions and markers take part in those.
 */
export async function tableDigestsAcrossLogs(
  client: ClientBase,
  schema: string,
): Promise<TableDigest[]> {
  return await digestsOver(client, schema, (table) =>
    comparedColumns(table).filter(([, { placed }]) => placed !== true),
  );
}

type ColumnsOf = (table: TableName) => readonly (readonly [string, Column])[];

async function digestsOver(
  client: ClientBase,
  schema: string,
  columnsOfTable: ColumnsOf,
): Promise<TableDigest[]> {
  await client.query(OUTPUT_FORMAT);
  const digests: TableDigest[] = [];
  for (const table of COMPARED_TABLES) {
    const columns = columnsOfTable(table).map(([column]) => column);
    const hash = createHash("sha256");
    await copyOut(client, copyText(schema, table, columns), (chunk) => void hash.update(chunk));
    digests.push({ table, sha256: hash.digest("hex") });
  }
  return digests;
}

const OUTPUT_FORMAT =
  "SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET extra_float_digits = 1; SET bytea_output = 'hex'";

function copyText(schema: string, table: TableName, columns: readonly string[]): string {
  const source = `${pg.escapeIdentifier(schema)}.${table}`;
  return `COPY (SELECT ${columns.join(", ")} FROM ${source} ORDER BY ${keyOrder(table)}) TO STDOUT`;
}

/** The natural key, text by its bytes whatever the locale of the database is. */
function keyOrder(table: TableName): string {
  const { key, columns } = tableOf(table);
  return key
    .map((column) => (columns[column]?.kind === "text" ? `${column} COLLATE "C"` : column))
    .join(", ");
}
