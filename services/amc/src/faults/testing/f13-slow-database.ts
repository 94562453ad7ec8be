import { setTimeout as wait } from "node:timers/promises";
import { READ_MODEL_SCHEMA } from "@amc/platform/postgres/migration-files";
import { StallableProxy } from "@amc/projector/testing/stallable-proxy";
import { seededRandom } from "@amc/replay/seeded-random";
import pg, { type ClientConfig } from "pg";
import { openOwnDatabase } from "../../database.ts";
import type { ChildLife } from "./child-life.ts";
import { isAtEnd } from "./examine-positions.ts";
import type { Fault, FaultOutcome, FaultScope } from "./fault.ts";
import { residentBytes, untilTrue } from "./living-projector.ts";
import { examineTables, projectAnew, projectorLife, withMarketAndServer } from "./market-tables.ts";

const MARKET = { symbols: 60, minutes: 60, partitions: 4, delivery: "deduplicated" as const };
const RECORDS_PER_READ = 200;
/** Longest time that the projector works before the database is slow. */
const LIFE_MS_MAX = 400;
/** How long a table is locked, or the way to the server is slow. */
const HOLD_MS = { least: 2_500, most: 5_000 };
/** Shorter than a lock, as 20 s are than those that people hold. */
const WAITS = { connectionTimeoutMs: 2_000, statementTimeoutMs: 1_500, answerTimeoutMs: 2_000 };
const DELAY_MS = 200;
const LOCKED = ["prices_latest", "features_latest", "detections", "verdicts"] as const;
const SAMPLE_EVERY_MS = 100;
/** Above what the projector holds after a pass that nothing disturbed. */
const GROWTH_BYTES_MAX = 256 * 1024 * 1024;

export const SLOW_DATABASE: Fault = {
  id: "F13",
  title: `a table locked for longer than statements may take, and ${DELAY_MS} ms on the way to the server`,
  invariant: `the projector stays up and grows by less than ${GROWTH_BYTES_MAX / 1024 / 1024} MiB; tables equal those of a rebuild, every record counted once`,
  control: "positions are saved in a transaction of their own, before the rows",
  strikes: { full: 20, reduced: 4, control: 2 },
  run,
};

/** A server that is reached directly by whoever examines, and through a proxy by the projector. */
async function openBehindProxy(directory: string) {
  const database = await openOwnDatabase(directory);
  const { projector: direct } = database.connections;
  const proxy = await StallableProxy.open(`${direct.host}`, `.s.PGSQL.${direct.port}`);
  return {
    connections: database.connections,
    ...{ proxy, slow: { ...direct, host: proxy.directory } },
    close: async () => {
      await proxy.close();
      await database.close();
    },
  };
}

async function run({ build, seed, strikes, onStrike }: FaultScope): Promise<FaultOutcome> {
  const random = seededRandom(seed);
  return withMarketAndServer({ ...MARKET, seed }, openBehindProxy, async (market, database) => {
    const { connections, proxy, slow } = database;
    const log = await market.open();
    const isDone = () => isAtEnd(log, connections.migrator);
    const counts = { locked: 0, slow: 0, rounds: 0, "grown by, MiB": 0 };
    const violations: string[] = [];
    const exceeded: string[] = [];
    const behindProxy = { connections: { ...connections, projector: slow } };
    const projector = projectorLife(market, behindProxy, build, {
      ...{ stays: true, recordsPerRead: RECORDS_PER_READ, waits: WAITS },
    });
    try {
      await projector.next("READY");
      await untilTrue(projector, isDone);
      const base = await residentBytes(projector);
      let most = base;
      for (let struck = 0; struck < strikes; ) {
        counts.rounds += 1;
        await projectAnew(database);
        do {
          await projector.within(random() * LIFE_MS_MAX);
          const holdMs = HOLD_MS.least + random() * (HOLD_MS.most - HOLD_MS.least);
          const isLock = build === "broken" || struck % 2 === 0;
          counts[isLock ? "locked" : "slow"] += 1;
          const hold = isLock
            ? lockTable(connections.migrator, random, holdMs)
            : delay(proxy, holdMs);
          most = Math.max(most, await largestDuring(projector, hold));
          struck += 1;
          onStrike(struck);
        } while (struck < strikes && !(await isDone()));
        await untilTrue(projector, isDone);
        violations.push(...(await examineTables(market, database)).violations);
      }
      counts["grown by, MiB"] = Math.round((most - base) / 1024 / 1024);
      if (most - base > GROWTH_BYTES_MAX) exceeded.push("the projector grew");
      projector.signal("SIGTERM");
      const end = await projector.ended();
      if (end !== 0) exceeded.push(`the projector ended with ${end}`);
    } finally {
      projector.signal("SIGKILL");
      await log.close();
    }
    return { strikes: counts.locked + counts.slow, counts, violations, exceeded };
  });
}

async function lockTable(
  connection: ClientConfig,
  random: () => number,
  holdMs: number,
): Promise<void> {
  const table = LOCKED[Math.floor(random() * LOCKED.length)] ?? "prices_latest";
  const client = new pg.Client(connection);
  await client.connect();
  try {
    await client.query("BEGIN");
    await client.query(`LOCK TABLE ${READ_MODEL_SCHEMA}.${table} IN ACCESS EXCLUSIVE MODE`);
    await wait(holdMs);
    await client.query("COMMIT");
  } finally {
    await client.end();
  }
}

async function delay(proxy: StallableProxy, holdMs: number): Promise<void> {
  proxy.delay(DELAY_MS);
  await wait(holdMs);
  proxy.delay(0);
}

/** The most memory that a projector holds until something is over, bytes. */
async function largestDuring(projector: ChildLife, something: Promise<void>): Promise<number> {
  let isOver = false;
  const over = something.finally(() => {
    isOver = true;
  });
  let largest = 0;
  while (!isOver) {
    largest = Math.max(largest, await residentBytes(projector));
    await Promise.race([over, wait(SAMPLE_EVERY_MS)]);
  }
  await over;
  return largest;
}
