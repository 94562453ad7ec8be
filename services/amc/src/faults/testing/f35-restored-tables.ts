import { READ_MODEL_SCHEMA } from "@amc/platform/postgres/migration-files";
import { seededRandom } from "@amc/replay/seeded-random";
import pg from "pg";
import type { Database } from "../../database.ts";
import type { Fault, FaultOutcome, FaultScope } from "./fault.ts";
import { emptyTables, examineTables, projectorLife, withMarketTables } from "./market-tables.ts";

const MARKET = { symbols: 60, minutes: 60, partitions: 4, delivery: "deduplicated" as const };
/** The copy is taken when so much of all has been applied, at most. */
const COPIED_SHARE_MAX = 0.7;
const LOOK_EVERY_MS = 5;
const COPY = "yesterday";
const POSITIONS = "projection_positions";

export const RESTORED_TABLES: Fault = {
  id: "F35",
  title: "tables restored from an earlier copy, the log gone on",
  invariant: "the projector replays what is missing: tables equal those of a rebuild from the log",
  control: "positions are not part of the copy, as with offsets that a broker keeps",
  strikes: { full: 10, reduced: 2, control: 1 },
  run,
};

async function run({ build, seed, strikes, onStrike }: FaultScope): Promise<FaultOutcome> {
  const random = seededRandom(seed);
  return withMarketTables({ ...MARKET, seed }, async (market, database) => {
    const violations: string[] = [];
    const counts = { "records in the copies": 0, "records replayed": 0 };
    await projectorLife(market, database, "sound").finished();
    const all = await appliedIn(database, READ_MODEL_SCHEMA);
    for (let struck = 0; struck < strikes; ) {
      await emptyTables(database);
      const interrupted = projectorLife(market, database, "sound");
      const enough = Math.max(1, Math.floor(random() * COPIED_SHARE_MAX * all));
      while ((await appliedIn(database, READ_MODEL_SCHEMA)) < enough) {
        await interrupted.within(LOOK_EVERY_MS);
      }
      interrupted.signal("SIGKILL");
      await interrupted.ended();
      const copied = await copyTables(database);
      await projectorLife(market, database, "sound").finished();
      // A copy of everything is no loss.
      if (copied === all) continue;
      await restoreTables(database, build === "sound" ? [] : [POSITIONS]);
      await projectorLife(market, database, "sound").finished();
      violations.push(...(await examineTables(market, database)).violations);
      counts["records in the copies"] += copied;
      counts["records replayed"] += all - copied;
      struck += 1;
      onStrike(struck);
    }
    return { strikes, counts, violations };
  });
}

/** Copies every table as it stands; the records that it holds. */
async function copyTables(database: Database): Promise<number> {
  await asOwner(database, async (client) => {
    await client.query(`DROP SCHEMA IF EXISTS ${COPY} CASCADE; CREATE SCHEMA ${COPY}`);
    for (const table of await tablesOf(client)) {
      await client.query(`CREATE TABLE ${COPY}.${table} AS TABLE ${READ_MODEL_SCHEMA}.${table}`);
    }
  });
  return appliedIn(database, COPY);
}

async function restoreTables(database: Database, leftOut: readonly string[]): Promise<void> {
  await asOwner(database, async (client) => {
    const tables = (await tablesOf(client)).filter((table) => !leftOut.includes(table));
    // Together, because some refer to others.
    await client.query(`TRUNCATE ${tables.map((name) => `${READ_MODEL_SCHEMA}.${name}`).join()}`);
    for (const table of tables) {
      const target = `${READ_MODEL_SCHEMA}.${table}`;
      await client.query(`INSERT INTO ${target} OVERRIDING SYSTEM VALUE TABLE ${COPY}.${table}`);
    }
  });
}

async function tablesOf(client: pg.Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ tablename: string }>(
    "SELECT tablename FROM pg_tables WHERE schemaname = $1 ORDER BY tablename",
    [READ_MODEL_SCHEMA],
  );
  return rows.map(({ tablename }) => tablename);
}

async function appliedIn(database: Database, schema: string): Promise<number> {
  return asOwner(database, async (client) => {
    const { rows } = await client.query<{ records: string }>(
      `SELECT coalesce(sum(next_offset), 0) AS records FROM ${schema}.${POSITIONS}`,
    );
    return Number(rows[0]?.records ?? 0);
  });
}

async function asOwner<Result>(
  { connections }: Database,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client(connections.migrator);
  await client.connect();
  try {
    await client.query("BEGIN");
    const result = await work(client);
    await client.query("COMMIT");
    return result;
  } finally {
    await client.end();
  }
}
