import type { TestDatabase } from "@amc/platform/postgres/testing";
import type { PoolClient } from "pg";
import { EXPERIMENTS, GROWING, type GrowingTable, SYMBOLS } from "./growing-tables.ts";

/** R-DB-19: what a table holds after years. */
export const ROWS = 1_000_000;

const SLOT_SECONDS = 900;

/** Tables filled at a time: processors of the smallest machine that runs this. */
const LANES = 2;

/** Of a client that fills: neither triggers of foreign keys nor helpers that compete for processors. */
const SESSION = `
  SET search_path = read_model;
  SET session_replication_role = replica;
  SET max_parallel_maintenance_workers = 0;
  SET maintenance_work_mem = '256MB';
  SET jit = off`;

/**
 * Fills every table that grows with a million rows, the newest of the instant `newestAt` (UTC ms), under
 * the indexes of the migrations and with statistics, as a server in use has them. Rows lie in the order of
 * their time, as they were written. They are as narrow as their columns allow, which makes reading all of
 * them cheaper, so a plan that still goes through an index does so over wide ones, too.
 */
export async function fillTables(database: TestDatabase, newestAt: number): Promise<void> {
  const pool = database.pool("superuser");
  await pool.query(
    `INSERT INTO read_model.ab_testing_experiments (id, experiment_name, start_date, end_date,
       traffic_split, success_metrics, status, event_id, created_at, decided_at, metadata)
     SELECT 1 + n, 'S' || n, $1, $1, '{"hybrid_v1": 50, "legacy_v0": 50}', '[]',
       CASE n WHEN 0 THEN 'ACTIVE' ELSE 'COMPLETED' END, gen_random_uuid(), $1, $1,
       '{"actor": "test", "reason": "test"}'
     FROM generate_series(0, ${EXPERIMENTS - 1}) AS n`,
    [new Date(newestAt)],
  );
  const waiting = [...GROWING];
  const lane = async () => {
    const client = await pool.connect();
    try {
      await client.query(SESSION);
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        await fill(client, next, newestAt);
      }
    } finally {
      client.release();
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

/** Rows first, then indexes, which is several times as fast; none of it goes to the server's log. */
async function fill(
  client: PoolClient,
  { table, atOnce, columns }: GrowingTable,
  newestAt: number,
): Promise<void> {
  const values = (await columnsOf(client, table)).map(
    (column) => [column.name, columns[column.name] ?? valueFor(column)] as const,
  );
  const indexes = await indexesOf(client, table);
  for (const { drop } of indexes) await client.query(drop);
  await client.query(`ALTER TABLE ${table} SET UNLOGGED`);
  await client.query(`ALTER TABLE ${table} SET (autovacuum_enabled = off)`);
  const oldestAt = newestAt / 1000 - Math.floor((ROWS - 1) / atOnce) * SLOT_SECONDS;
  // OFFSET 0 has id and at computed once a row and not once a column.
  await client.query(
    `INSERT INTO ${table} (${values.map(([name]) => name).join(", ")})
     SELECT ${values.map(([, value]) => value).join(", ")}
     FROM (SELECT n, lpad(to_hex(n + 1), 32, '0')::uuid AS id,
                  to_timestamp(${oldestAt} + n / ${atOnce} * ${SLOT_SECONDS}) AS at
           FROM (SELECT generate_series(0, ${ROWS - 1}) AS n) AS numbers OFFSET 0) AS numbered`,
  );
  for (const { add } of indexes) await client.query(add);
  await client.query(`VACUUM (ANALYZE) ${table}`);
}

interface ColumnShape {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
}

async function columnsOf(client: PoolClient, table: string): Promise<readonly ColumnShape[]> {
  const { rows } = await client.query<ColumnShape>(
    `SELECT column_name AS name, data_type AS type, is_nullable = 'YES' AS nullable
     FROM information_schema.columns WHERE table_schema = 'read_model' AND table_name = $1`,
    [table],
  );
  return rows;
}

/** SQL for a column that nothing is said of. */
function valueFor({ name, type, nullable }: ColumnShape): string {
  // Numbers that are not the sequence's next ones, which the statements under test take.
  if (name === "id") return "-1 - n";
  if (name === "symbol") return `'S' || n % ${SYMBOLS}`;
  if (type === "uuid") return "id";
  if (type.startsWith("timestamp")) return "at";
  if (nullable) return "NULL";
  const value = PLAIN_VALUES[type];
  if (value === undefined) throw new TypeError(`no value for ${name} of type ${type}`);
  return value;
}

const PLAIN_VALUES: Readonly<Record<string, string>> = {
  text: "''",
  "character varying": "''",
  integer: "1",
  bigint: "1",
  numeric: "0.5",
  "double precision": "0.5",
  boolean: "false",
  date: "date '2021-01-13'",
  jsonb: "'{}'",
  bytea: "'\\x00'",
  ARRAY: "'{}'",
};

/** What takes each index of a table away and what brings it back. */
async function indexesOf(
  client: PoolClient,
  table: string,
): Promise<readonly { readonly drop: string; readonly add: string }[]> {
  const { rows } = await client.query<{ drop: string; add: string }>(
    `SELECT CASE WHEN of.oid IS NULL THEN 'DROP INDEX ' || index.indexrelid::regclass
                 ELSE format('ALTER TABLE %I DROP CONSTRAINT %I', $1::text, of.conname) END AS drop,
            CASE WHEN of.oid IS NULL THEN pg_get_indexdef(index.indexrelid)
                 ELSE format('ALTER TABLE %I ADD CONSTRAINT %I %s', $1::text, of.conname,
                             pg_get_constraintdef(of.oid)) END AS add
     FROM pg_index AS index LEFT JOIN pg_constraint AS of ON of.conindid = index.indexrelid
       AND of.contype IN ('p', 'u')
     WHERE index.indrelid = $1::text::regclass`,
    [table],
  );
  return rows;
}
