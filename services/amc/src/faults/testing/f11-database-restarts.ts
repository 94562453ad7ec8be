import { setTimeout as wait } from "node:timers/promises";
import type { Log } from "@amc/platform/log/port";
import { startInterruptiblePostgres } from "@amc/platform/postgres/testing";
import { seededRandom } from "@amc/replay/seeded-random";
import type { ClientConfig } from "pg";
import type { ChildLife } from "./child-life.ts";
import { isAtEnd, projectedRecords } from "./examine-positions.ts";
import type { Build, Fault, FaultOutcome, FaultScope } from "./fault.ts";
import { untilTrue } from "./living-projector.ts";
import { examineTables, projectAnew, projectorLife, withMarketAndServer } from "./market-tables.ts";

const MARKET = { symbols: 60, minutes: 60, partitions: 4, delivery: "deduplicated" as const };
const RECORDS_PER_READ = 200;
/** Longest time that the projector works before the server is stopped. */
const LIFE_MS_MAX = 1_000;
/** Longest time that the server stays away. */
const AWAY_MS_MAX = 5_000;
/** After the server is back; a projector tries again after 5 s at most. */
const RETURN_MS_MAX = 10_000;
/** Commits do not wait for the disk: what is to survive a stop at once has to be older than this. */
const FLUSHED_MS = 1_000;

export const DATABASE_RESTARTS: Fault = {
  id: "F11",
  title: "PostgreSQL stopped at once (SIGQUIT) while it is written to, and started again",
  invariant: `the projector stays up and works on within ${RETURN_MS_MAX / 1_000} s; tables equal those of a rebuild`,
  control: "positions are saved in a transaction of their own, before the rows",
  strikes: { full: 50, reduced: 6, control: 1 },
  run,
};

async function openServer() {
  const server = await startInterruptiblePostgres();
  return {
    server,
    connections: {
      migrator: server.connection("migrator"),
      projector: server.connection("projector"),
    },
    close: () => server.drop(),
  };
}

async function run({ build, seed, strikes, onStrike }: FaultScope): Promise<FaultOutcome> {
  const random = seededRandom(seed);
  return withMarketAndServer({ ...MARKET, seed }, openServer, async (market, database) => {
    const { server, connections } = database;
    const violations: string[] = [];
    const exceeded: string[] = [];
    const counts = { rounds: 0, "records projected": 0, "slowest return, ms": 0 };
    const log = await market.open();
    const projector = projectorLife(market, database, build, {
      ...{ stays: true, recordsPerRead: RECORDS_PER_READ, exposedMs: 2 * FLUSHED_MS },
    });
    await projector.next("READY");
    let struck = 0;
    try {
      while (struck < strikes) {
        counts.rounds += 1;
        await projectAnew(database);
        do {
          await untilStruck(projector, build, random);
          server.crashServer();
          await server.stopServer();
          await wait(random() * AWAY_MS_MAX);
          await server.startServer();
          struck += 1;
          onStrike(struck);
          const returnMs = await untilResumed(log, connections.migrator, projector);
          counts["slowest return, ms"] = Math.max(counts["slowest return, ms"], returnMs);
        } while (struck < strikes && !(await isAtEnd(log, connections.migrator)));
        await untilTrue(projector, () => isAtEnd(log, connections.migrator));
        const found = await examineTables(market, database);
        counts["records projected"] += found.records;
        violations.push(...found.violations);
      }
      if (counts["slowest return, ms"] > RETURN_MS_MAX) exceeded.push("it was slow to work on");
      projector.signal("SIGTERM");
      const end = await projector.ended();
      if (end !== 0) exceeded.push(`the projector ended with ${end}`);
    } finally {
      projector.signal("SIGKILL");
      await log.close();
    }
    return { strikes: struck, counts, violations, exceeded };
  });
}

/** The broken build is struck where it is wrong, when what it has done cannot be lost any more. */
async function untilStruck(
  projector: ChildLife,
  build: Build,
  random: () => number,
): Promise<void> {
  if (build === "sound") return projector.within(random() * LIFE_MS_MAX);
  await projector.next("EXPOSED");
  await projector.within(FLUSHED_MS);
}

/** How long it takes the projector to move its positions, ms; where they are at the end, none. */
async function untilResumed(
  log: Log,
  connection: ClientConfig,
  projector: ChildLife,
): Promise<number> {
  const backMs = performance.now();
  const before = await projectedRecords(connection);
  await untilTrue(
    projector,
    async () => (await projectedRecords(connection)) > before || (await isAtEnd(log, connection)),
  );
  return Math.round(performance.now() - backMs);
}
