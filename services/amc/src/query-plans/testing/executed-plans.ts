import { createPool } from "@amc/platform/postgres/pool";
import type { TestDatabase, TestRole } from "@amc/platform/postgres/testing";
import type { Pool } from "pg";
import { GROWING } from "./growing-tables.ts";

/** How the server executed one statement. */
export interface ExecutedPlan {
  readonly statement: string;
  /** The tree as EXPLAIN prints it. */
  readonly plan: string;
}

/** A pool that notes the plan of whatever is executed through it. */
export interface WatchedPool {
  readonly pool: Pool;
  /** What was executed since the last call, oldest first. */
  takePlans(): readonly ExecutedPlan[];
}

/** Has the server tell every client that connects from now on how it executes its statements. */
export async function tellPlans(database: TestDatabase): Promise<void> {
  const pool = database.pool("superuser");
  const settings = [
    "session_preload_libraries = 'auto_explain'",
    "auto_explain.log_min_duration = 0",
    "auto_explain.log_level = 'notice'",
  ];
  for (const setting of settings) {
    await pool.query(`ALTER DATABASE ${database.name} SET ${setting}`);
  }
}

/**
 * One connection of a role, so that a statement which is prepared is executed the way a long-lived
 * connection comes to execute it.
 */
export function watchedPool(database: TestDatabase, role: TestRole): WatchedPool {
  let plans: ExecutedPlan[] = [];
  const pool = createPool({
    connection: database.connection(role),
    applicationName: "query-plans",
    max: 1,
  });
  pool.on("connect", (client) => {
    client.on("notice", ({ message }) => {
      const tree = message?.search(/^.*\(cost=/m) ?? -1;
      if (message === undefined || tree < 0) return;
      plans.push({ statement: message.slice(0, tree), plan: message.slice(tree) });
    });
  });
  return {
    pool,
    takePlans: () => {
      const taken = plans;
      plans = [];
      return taken;
    },
  };
}

/** Tables that grow and that a plan reads from end to end. */
export function readWhole({ plan }: ExecutedPlan): readonly string[] {
  const scanned = [...plan.matchAll(/Seq Scan on (\w+)/g)].map(([, table]) => table);
  return GROWING.map(({ table }) => table).filter((table) => scanned.includes(table));
}
