import type { ClientBase } from "pg";

/**
 * The definition of every table of the schemas as SQL, the same text from every server version, so
 * that the effect of a migration shows in a review. pg_dump would need the version of the server
 * and words things differently in each.
 *
 * @returns statements in order of table name, ending in a line break
 */
export async function dumpSchemas(client: ClientBase, schemas: readonly string[]): Promise<string> {
  await client.query("BEGIN");
  try {
    // Without a path every name in a default or an index is written in full.
    await client.query("SET LOCAL search_path TO ''");
    const { rows } = await client.query<TableRow>(TABLES, [schemas]);
    const parts = schemas.map((schema) => `CREATE SCHEMA ${schema};\n`);
    for (const table of rows) {
      parts.push(await dumpTable(client, table));
    }
    return parts.join("\n");
  } finally {
    await client.query("ROLLBACK");
  }
}

interface TableRow {
  readonly name: string;
  readonly oid: number;
  /** Storage parameters as `name=value`, comma between; null without any. */
  readonly options: string | null;
}

async function dumpTable(client: ClientBase, { name, oid, options }: TableRow): Promise<string> {
  const lines = [
    ...(await definitions(client, COLUMNS, oid)),
    ...(await definitions(client, CONSTRAINTS, oid)),
  ];
  const indexes = await definitions(client, INDEXES, oid);
  const body = lines.map((line) => `  ${line}`).join(",\n");
  const storage = options === null ? "" : ` WITH (${options})`;
  return [
    `CREATE TABLE ${name} (\n${body}\n)${storage};\n`,
    ...indexes.map((index) => `${index};\n`),
  ].join("");
}

async function definitions(client: ClientBase, query: string, oid: number): Promise<string[]> {
  const { rows } = await client.query<{ definition: string }>(query, [oid]);
  return rows.map(({ definition }) => definition);
}

const TABLES = `
  SELECT n.nspname || '.' || c.relname AS name, c.oid,
         array_to_string(c.reloptions, ', ') AS options
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = ANY($1) AND c.relkind = 'r'
  ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"`;

const COLUMNS = `
  SELECT concat_ws(' ', a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),
                   CASE WHEN a.attnotnull THEN 'NOT NULL' END,
                   'DEFAULT ' || pg_catalog.pg_get_expr(d.adbin, d.adrelid),
                   CASE WHEN a.attstorage = 'e' AND t.typstorage <> 'e' THEN 'STORAGE EXTERNAL' END)
           AS definition
  FROM pg_catalog.pg_attribute a
  JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped
  ORDER BY a.attnum`;

// Since version 18 NOT NULL is a constraint with a name ('n'); the column says it already.
const CONSTRAINTS = `
  SELECT 'CONSTRAINT ' || conname || ' ' || pg_catalog.pg_get_constraintdef(oid) AS definition
  FROM pg_catalog.pg_constraint
  WHERE conrelid = $1 AND contype IN ('p', 'u', 'f', 'c')
  ORDER BY contype <> 'p', conname COLLATE "C"`;

const INDEXES = `
  SELECT pg_catalog.pg_get_indexdef(i.indexrelid) AS definition
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  WHERE i.indrelid = $1
    AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid)
  ORDER BY c.relname COLLATE "C"`;
