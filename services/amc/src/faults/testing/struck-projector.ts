/**
 * A projector on Kafka that is there to be killed: `{ place, database, build }` as JSON. Says READY
 * when it runs, EXPOSED where the broken build is wrong, and DONE when the tables hold everything.
 */
import { setTimeout as wait } from "node:timers/promises";
import { createMemoryCache } from "@amc/platform/cache/memory";
import { createLogger } from "@amc/platform/logger";
import { createPool } from "@amc/platform/postgres/pool";
import type { Probe } from "@amc/projector/commit-batch";
import { createProjector } from "@amc/projector/projector";
import { PROJECTION_NAMES } from "@amc/streams/projections/projections";
import type { ClientConfig } from "pg";
import type { Build } from "./fault.ts";
import { type MarketPlace, openMarket } from "./market-on-kafka.ts";

interface Input {
  readonly place: MarketPlace;
  readonly database: ClientConfig;
  readonly build: Build;
}

/** How long the broken build stays where it is wrong. */
const EXPOSED_MS = 100;

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
const pool = createPool({
  ...{ connection: database, applicationName: "amc-faults", max: PROJECTION_NAMES.length },
});
const projector = createProjector({
  ...{ log, pool },
  cache: createMemoryCache(() => 0),
  logger: createLogger("fatal"),
  ...(build === "sound" ? {} : { probe: positionsFirst }),
});
say("READY");
await projector.runUntilCaughtUp();
say("DONE");
await pool.end();
await log.close();
