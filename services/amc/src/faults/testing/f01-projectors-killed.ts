import { seededRandom } from "@amc/replay/seeded-random";
import type { Database } from "../../database.ts";
import type { Build, Fault, FaultOutcome, FaultScope } from "./fault.ts";
import type { MarketOnKafka } from "./market-on-kafka.ts";
import { emptyTables, examineTables, projectorLife, withMarketTables } from "./market-tables.ts";

/** Longest time that a life is left alone after its first commit. */
const LIFE_MS_MAX = 600;
/** A backlog in reads of its usual size would be some thirty commits, and most kills would hit none of them. */
const RECORDS_PER_READ = 100;
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
  return withMarketTables({ ...MARKET, seed }, async (market, database) => {
    const violations: string[] = [];
    let [killed, rounds, rows] = [0, 0, 0];
    while (killed < strikes) {
      rounds += 1;
      await emptyTables(database);
      while (killed < strikes && (await liveAndDie(market, database, build, random))) {
        killed += 1;
        onStrike(killed);
      }
      await projectorLife(market, database, "sound").finished();
      const found = await examineTables(market, database);
      rows += found.records;
      violations.push(...found.violations);
    }
    return { strikes: killed, counts: { rounds, "records projected": rows }, violations };
  });
}

/** True when it was killed after a commit at least, false when it had got through before. */
async function liveAndDie(
  market: MarketOnKafka,
  database: Database,
  build: Build,
  random: () => number,
): Promise<boolean> {
  const projector = projectorLife(market, database, build, { recordsPerRead: RECORDS_PER_READ });
  await projector.next("READY");
  if (build === "sound") {
    while (projector.times("COMMITTED") === 0 && !projector.isOver)
      await projector.next("COMMITTED");
    await projector.within(Math.floor(random() * LIFE_MS_MAX));
  } else {
    const exposures = 1 + Math.floor(random() * EXPOSURES_MAX);
    for (let seen = 0; seen < exposures; seen += 1) await projector.next("EXPOSED");
  }
  projector.signal("SIGKILL");
  return (await projector.ended()) === null;
}
