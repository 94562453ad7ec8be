import { seededRandom } from "@amc/replay/seeded-random";
import type { Fault, FaultOutcome, FaultScope } from "./fault.ts";
import { emptyTables, examineTables, projectorLife, withMarketTables } from "./market-tables.ts";

const MARKET = { symbols: 60, minutes: 60, partitions: 4, delivery: "deduplicated" as const };
/** Enough commits for a share of them to be a number. */
const RECORDS_PER_READ = 100;
/** Of the commits that are struck; the rest let the projector get on. */
const SHARE = 0.4;

export const UNKNOWN_OUTCOMES: Fault = {
  id: "F12",
  title:
    "connections ended by the server at COMMIT: before it, before its answer, in a race with it",
  invariant:
    "what became of it is read from the positions: tables equal a rebuild, no record counted twice",
  control: "positions are saved in a transaction of their own, before the rows",
  strikes: { full: 500, reduced: 30, control: 4 },
  run,
};

async function run({ build, seed, strikes, onStrike }: FaultScope): Promise<FaultOutcome> {
  const random = seededRandom(seed);
  return withMarketTables({ ...MARKET, seed }, async (market, database) => {
    const violations: string[] = [];
    const exceeded: string[] = [];
    const counts = { committed: 0, aborted: 0, rounds: 0, "records projected": 0 };
    while (counts.committed + counts.aborted < strikes) {
      counts.rounds += 1;
      await emptyTables(database);
      const life = projectorLife(market, database, build, {
        recordsPerRead: RECORDS_PER_READ,
        strike: { kind: "terminate", share: SHARE, seed: Math.floor(random() * 2 ** 31) },
      });
      const end = await life.ended();
      counts.committed += life.times("TOOK_EFFECT");
      counts.aborted += life.times("HAD_NONE");
      onStrike(counts.committed + counts.aborted);
      if (counts.committed + counts.aborted === 0) throw new Error("no connection was ended");
      if (end !== 0) {
        // Its tables are not complete, whatever became of its commits.
        exceeded.push(`the projector ended with ${end}`);
        continue;
      }
      const found = await examineTables(market, database);
      counts["records projected"] += found.records;
      violations.push(...found.violations);
    }
    return { strikes: counts.committed + counts.aborted, counts, violations, exceeded };
  });
}
