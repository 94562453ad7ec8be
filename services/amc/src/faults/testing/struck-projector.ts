/**
 * A projector on Kafka that is there to be killed: `{ place, database, build }` as JSON. Says READY
 * when it runs, COMMITTED after each commit, EXPOSED where the broken build is wrong, and DONE when the
 * tables hold everything. Ends with 5 when the log was not to be had: a projector in earnest would start
 * over then.
 */
import { setTimeout as wait } from "node:timers/promises";
import { createMemoryCache } from "@amc/platform/cache/memory";
import { isLogError } from "@amc/platform/log/errors";
import { createLogger } from "@amc/platform/logger";
import type { Probe } from "@amc/projector/commit-batch";
import { createProjector } from "@amc/projector/projector";
import type { ClientConfig } from "pg";
import { projectorPool } from "../../database.ts";
import type { Build } from "./fault.ts";
import { type MarketPlace, openMarket } from "./market-on-kafka.ts";

interface Input {
  readonly place: MarketPlace;
  readonly database: ClientConfig;
  readonly build: Build;
}

/** How long the broken build stays where it is wrong. */
const EXPOSED_MS = 100;
const UNAVAILABLE = 5;

const { place, database, build }: Input = JSON.parse(process.argv[2] ?? "");
const say = (word: string): void => void process.stdout.write(`${word}\n`);

/** Saves positions in a transaction of their own, before the rows. */
const positionsFirst: Probe = async (point, client) => {
  if (point !== "positions-advanced") return;
  await client?.query("COMMIT; BEGIN");
  say("EXPOSED");
  await wait(EXPOSED_MS);
};

const log = await openMarket(place);
const pool = projectorPool(database);
const projector = createProjector({
  ...{ log, pool },
  cache: createMemoryCache(() => 0),
  logger: createLogger("fatal"),
  observer: { committed: () => say("COMMITTED"), retried: () => undefined },
  ...(build === "sound" ? {} : { probe: positionsFirst }),
});
say("READY");
try {
  await projector.runUntilCaughtUp();
  say("DONE");
} catch (error) {
  if (!isLogError(error, "log.unavailable")) throw error;
  process.exitCode = UNAVAILABLE;
} finally {
  await pool.end();
  await log.close();
}
