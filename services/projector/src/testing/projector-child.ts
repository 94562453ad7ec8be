import { createMemoryCache } from "@amc/platform/cache/memory";
import { createPool } from "@amc/platform/postgres/pool";
import type { PoolClient } from "pg";
import type { CommitPoint, Probe } from "../commit-batch.ts";
import { createProjector } from "../projector.ts";
import { quietLogger } from "./quiet-logger.ts";
import { recordedLog } from "./recorded-log.ts";

/**
 * A projector in a process of its own that kills itself: `<url> <seed> <point> <nth> <build>`.
 * Every life has the same log, made from the seed. `build` is `sound`, or `positions-first`: the
 * control, which saves positions in a transaction of their own before the rows.
 */
const [url = "", seed = "0", point = "never", nth = "1", build = "sound"] = process.argv.slice(2);

let remaining = Number(nth);

function kill(): void {
  process.kill(process.pid, "SIGKILL");
}

const probe: Probe = async (reached: CommitPoint, client?: PoolClient) => {
  if (build === "positions-first" && reached === "positions-advanced") {
    await client?.query("COMMIT; BEGIN");
  }
  const isCommit = point === "commit-sent" && reached === "before-commit";
  if (!isCommit && !reached.startsWith(point)) return;
  remaining -= 1;
  if (remaining > 0) return;
  // The server gets the COMMIT or does not; whoever comes next has to find out.
  if (isCommit) void client?.query("COMMIT");
  kill();
};

const pool = createPool({
  connection: { connectionString: url },
  applicationName: "killed-projector",
  max: 8,
});
const projector = createProjector({
  log: await recordedLog(Number(seed)),
  pool,
  cache: createMemoryCache(() => 0),
  logger: quietLogger,
  probe,
});
await projector.runUntilCaughtUp();
await pool.end();
