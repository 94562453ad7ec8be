import { seededRandom } from "@amc/replay/seeded-random";
import type { Fault, FaultOutcome, FaultScope } from "./fault.ts";
import type { MarketOnKafka } from "./market-on-kafka.ts";
import {
  emptyTables,
  examineTables,
  projectorLife,
  type TablesPlace,
  withMarketTables,
} from "./market-tables.ts";
import type { Failpoint } from "./struck-commits.ts";

/** Small, because the tables are filled over and over again. */
const MARKET = { symbols: 24, minutes: 40, partitions: 4, delivery: "deduplicated" as const };
/** Several batches of each projection. */
const RECORDS_PER_READ = 100;
/** The point is struck when it is reached for the nth time, at most. */
const NTH_MAX = 4;

/** In the order in which they are struck; the broken build is wrong behind the first. */
const FAILPOINTS: readonly Failpoint[] = [
  "positions-advanced",
  "rows-written:features_latest",
  "rows-written:prices_latest",
  "rows-written:detections",
  "rows-written:verdicts",
  "rows-written:features_slot",
  "rows-written:candidates",
  "rows-written:discovery_runs",
  "rows-written:event_index",
  "rows-written:stage_timings",
  "rows-written:finra_reporting_schedule",
  "joined",
  "before-commit",
  "commit-sent",
  "committed",
  "acknowledged",
  "cached",
  "exported",
  "before-read",
  "read",
  "before-begin",
  "begun",
];

export const KILLED_AT_FAILPOINTS: Fault = {
  id: "F2",
  title: `kill -9 of a projector on Kafka at each of ${FAILPOINTS.length} points of a read and a commit`,
  invariant: "tables equal those of a rebuild from the log; every record counted once, to its end",
  control: "positions are saved in a transaction of their own, before the rows",
  strikes: { full: 500, reduced: FAILPOINTS.length, control: 3 },
  run,
};

async function run({ build, seed, strikes, onStrike }: FaultScope): Promise<FaultOutcome> {
  const random = seededRandom(seed);
  return withMarketTables({ ...MARKET, seed }, async (market, database) => {
    const violations: string[] = [];
    const exceeded: string[] = [];
    const struck = new Map<Failpoint, number>();
    let [killed, rounds] = [0, 0];
    const killOnce = async (fresh: boolean): Promise<boolean> => {
      const point = FAILPOINTS[killed % FAILPOINTS.length] ?? "begun";
      // Of fresh tables every point is reached once at least.
      const nth = fresh ? 1 : 1 + Math.floor(random() * NTH_MAX);
      const life = projectorLife(market, database, build, {
        ...{ recordsPerRead: RECORDS_PER_READ, strike: { kind: "kill", point, nth } },
      });
      if ((await life.ended()) !== null) return false;
      killed += 1;
      struck.set(point, (struck.get(point) ?? 0) + 1);
      onStrike(killed);
      return true;
    };
    while (killed < strikes) {
      rounds += 1;
      await emptyTables(database);
      if (!(await killOnce(true))) {
        exceeded.push(`${FAILPOINTS[killed % FAILPOINTS.length]} is never reached`);
        break;
      }
      while (killed < strikes && (await killOnce(false)));
      violations.push(...(await finishAndExamine(market, database)));
    }
    return { strikes: killed, counts: { rounds, points: struck.size }, violations, exceeded };
  });
}

async function finishAndExamine(
  market: MarketOnKafka,
  database: TablesPlace,
): Promise<readonly string[]> {
  await projectorLife(market, database, "sound").finished();
  return (await examineTables(market, database)).violations;
}
