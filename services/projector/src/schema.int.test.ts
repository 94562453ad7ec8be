import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import { columnsOf, TABLE_NAMES, tableOf } from "@amc/streams/projections/tables";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const TYPE_NAMES: Readonly<Record<string, string>> = {
  timestamptz: "timestamp with time zone",
};

import { poolOf } from "./testing/projector-fixture.ts";

describe("the table registry and the migrated database", () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await startTestPostgres();
  });
  afterAll(async () => {
    await database.drop();
  });

  it.each(TABLE_NAMES)("agree on the columns of %s, surrogate ids aside", async (table) => {
    const { rows } = await poolOf(database, "api").query<{
      name: string;
      type: string;
      notnull: boolean;
    }>(
      `SELECT attname AS name, format_type(atttypid, atttypmod) AS type, attnotnull AS notnull
       FROM pg_attribute
       WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped AND attname NOT IN ('id', 'experiment_id')`,
      [`read_model.${table}`],
    );
    const stored = new Map(rows.map((row) => [row.name, row]));
    const declared = columnsOf(table);
    expect([...stored.keys()].sort()).toEqual(declared.map(([name]) => name).sort());
    for (const [name, { sql, nullable }] of declared) {
      const type = sql.replace(/^varchar/, "character varying");
      expect(stored.get(name)?.type, name).toBe(TYPE_NAMES[type] ?? type);
      // What is never null may be kept in a column that the requirements leave nullable.
      if (nullable) expect(stored.get(name)?.notnull, name).toBe(false);
    }
  });

  it.each(TABLE_NAMES)("agree on the natural key of %s", async (table) => {
    const { rows } = await poolOf(database, "api").query<{ columns: string[] }>(
      `SELECT array_agg(attname::text ORDER BY attname) AS columns
       FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey)
       WHERE indrelid = to_regclass($1) AND indisunique AND indpred IS NULL GROUP BY indexrelid`,
      [`read_model.${table}`],
    );
    expect(rows.map(({ columns }) => columns)).toContainEqual([...tableOf(table).key].sort());
  });
});
