import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { createLogger } from "@amc/platform/logger";
import {
  createReadModelSchema,
  dropSpareSchema,
  NEXT_SCHEMA,
  PREVIOUS_SCHEMA,
  swapReadModel,
} from "@amc/platform/postgres/read-model-schema";
import { rebuildReadModel } from "@amc/projector/rebuild";
import { seededRandom } from "@amc/replay/seeded-random";
import pg from "pg";
import { type Database, openOwnDatabase } from "../../database.ts";
import { ChildLife } from "./child-life.ts";
import type { Build, Fault, FaultOutcome, FaultScope } from "./fault.ts";
import { type MarketOnKafka, marketOnKafka } from "./market-on-kafka.ts";
import { clusterOfFaults } from "./servers.ts";

/** Longest time that a life is left alone once it runs. */
const LIFE_MS_MAX = 600;
const MARKET = { symbols: 60, minutes: 60, partitions: 12, delivery: "deduplicated" as const };
/** Spread of the exposure at which the broken build is killed. */
const EXPOSURES_MAX = 3;

export const PROJECTORS_KILLED: Fault = {
  id: "F1",
  title: "kill -9 of a projector that reads from Kafka",
  invariant: "tables equal those of a rebuild from the log, row by row; positions at the end of it",
  control: "positions are saved in a transaction of their own, before the rows",
  strikes: { full: 200, reduced: 10, control: 4 },
  run,
};

async function run({ build, seed, strikes, onStrike }: FaultScope): Promise<FaultOutcome> {
  const random = seededRandom(seed);
  const market = await marketOnKafka(await clusterOfFaults(), { ...MARKET, seed });
  const directory = await mkdtemp(join(tmpdir(), "amc-faults-"));
  let database: Database | null = null;
  try {
    await new ChildLife("struck-processor.ts", { place: market.place, build: "sound" }).ended();
    database = await openOwnDatabase(directory);
    const violations: string[] = [];
    let [killed, rounds, rows] = [0, 0, 0];
    while (killed < strikes) {
      rounds += 1;
      await emptyTables(database);
      while (killed < strikes && (await liveAndDie(market, database, build, random))) {
        killed += 1;
        onStrike(killed);
      }
      await life(market, database, "sound").ended();
      const found = await examine(market, database);
      rows += found.records;
      violations.push(...found.violations);
    }
    return { strikes: killed, counts: { rounds, "records projected": rows }, violations };
  } finally {
    await database?.close();
    await rm(directory, { recursive: true, force: true });
    await market.remove();
  }
}

function life({ place }: MarketOnKafka, { connections }: Database, build: Build): ChildLife {
  return new ChildLife("struck-projector.ts", { place, database: connections.projector, build });
}

/** True when it was killed, false when it had got through before. */
async function liveAndDie(
  market: MarketOnKafka,
  database: Database,
  build: Build,
  random: () => number,
): Promise<boolean> {
  const projector = life(market, database, build);
  await projector.next("READY");
  if (build === "sound") {
    await Promise.race([wait(Math.floor(random() * LIFE_MS_MAX)), projector.ended()]);
  } else {
    const exposures = 1 + Math.floor(random() * EXPOSURES_MAX);
    for (let seen = 0; seen < exposures; seen += 1) await projector.next("EXPOSED");
  }
  projector.signal("SIGKILL");
  return (await projector.ended()) === null;
}

async function examine(market: MarketOnKafka, { connections }: Database) {
  const log = await market.open();
  try {
    const report = await rebuildReadModel({
      ...{ log, ...connections, swap: false },
      logger: createLogger("fatal"),
    });
    const violations = report.differences.map(
      ({ table, onlyLeft, onlyRight, different }) =>
        `${table}: ${onlyLeft + onlyRight + different} rows differ from a rebuild`,
    );
    if (report.records === 0) violations.push("nothing was projected");
    return { records: report.records, violations };
  } finally {
    await log.close();
  }
}

/** Puts empty tables, with no positions, in the place of those in use. */
async function emptyTables({ connections }: Database): Promise<void> {
  const client = new pg.Client(connections.migrator);
  await client.connect();
  try {
    await dropSpareSchema(client, NEXT_SCHEMA);
    await createReadModelSchema(client, NEXT_SCHEMA);
    await swapReadModel(client);
    await dropSpareSchema(client, PREVIOUS_SCHEMA);
  } finally {
    await client.end();
  }
}
