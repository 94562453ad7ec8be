import { createHash } from "node:crypto";
import { missingMigrations } from "@amc/platform/postgres/applied-migrations";
import { readMigrationFiles } from "@amc/platform/postgres/migration-files";
import type pg from "pg";
import type { ReadModel, ReadView, TablesState } from "./port.ts";
import { postgresView } from "./postgres-view.ts";
import type { RunQuery } from "./stored-rows.ts";
import { TABLES_STATE, tablesStateOf } from "./tables-state.ts";

// R-API (S4): no answer is worth more than this of the database's time.
const STATEMENT_TIMEOUT_MS = 2_000;
const BEGIN = `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = ${STATEMENT_TIMEOUT_MS}`;

/**
 * The read model in PostgreSQL, through a pool whose role can only select. What takes more than one
 * statement is read in one snapshot; one statement is a snapshot by itself, and the timeout of its
 * connection ends it: the role `api` brings one, and the pools that services/amc/src/database.ts opens
 * set one (`API_WAITS`, the same 2 s), whatever the login. The connection goes back to the pool, or is dropped when it failed.
 */
export function createPostgresReadModel(pool: pg.Pool): ReadModel {
  const migrations = readMigrationFiles().map(({ name }) => name);
  let known: { readonly text: string; readonly state: TablesState } | null = null;

  async function read<Answer>(reads: (view: ReadView) => Promise<Answer>): Promise<Answer> {
    const client = await pool.connect();
    let failure: Error | undefined;
    try {
      await client.query(BEGIN);
      const answer = await reads(postgresView(runnerOf(client)));
      await client.query("COMMIT");
      return answer;
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
      throw error;
    } finally {
      await giveBack(client, failure);
    }
  }

  return {
    read,
    readOnce: (reads) => reads(postgresView(once(runnerOf(pool)))),
    state: async () => {
      const [row] = await runnerOf(pool)(TABLES_STATE, []);
      const text = row?.state;
      if (typeof text !== "string") throw new Error("the state of the tables is no text");
      // Anew each time, so that nothing is kept: see TABLES_STATE.
      if (row?.is_standby !== false) return tablesStateOf(text);
      if (known?.text !== text) known = { text, state: tablesStateOf(text) };
      return known.state;
    },
    missingMigrations: () => missingMigrations(pool, migrations),
    ping: async () => {
      await pool.query("SELECT 1");
    },
  };
}

/** Rolls back what failed; a connection on which even that fails is closed. */
async function giveBack(client: pg.PoolClient, failure: Error | undefined): Promise<void> {
  if (failure === undefined) {
    client.release();
    return;
  }
  const isUsable = await client.query("ROLLBACK").then(
    () => true,
    () => false,
  );
  client.release(!isUsable);
}

/** Statements are prepared once per connection, under a name made of their text. */
function runnerOf(client: pg.Pool | pg.PoolClient): RunQuery {
  return async (text, values) => {
    const query = { name: statementName(text), text, values: [...values] };
    const { rows } = await client.query<Record<string, unknown>>(query);
    return rows;
  };
}

/** Two statements outside a transaction could see two states of the tables. */
function once(run: RunQuery): RunQuery {
  let hasRun = false;
  return (text, values) => {
    if (hasRun) throw new Error("an answer of one statement made a second one");
    hasRun = true;
    return run(text, values);
  };
}

const statementNames = new Map<string, string>();

/** Bounded by the texts of postgres-view.ts times the combinations of their filters. */
function statementName(text: string): string {
  const known = statementNames.get(text);
  if (known !== undefined) return known;
  const name = createHash("sha256").update(text).digest("base64url");
  statementNames.set(text, name);
  return name;
}
