import type { Log } from "@amc/platform/log/port";
import type { FactSlice } from "@amc/replay/slices";
import { openReadModels, type ReadModels } from "../../operations/verify/read-models.ts";
import { ChildLife } from "./child-life.ts";
import type { FaultOutcome, FaultScope } from "./fault.ts";
import { type Arrival, type MarketOnKafka, MarketTally, marketOnKafka } from "./market-on-kafka.ts";
import { clusterOfFaults } from "./servers.ts";

const MARKET = { symbols: 60, minutes: 60, partitions: 4, delivery: "deduplicated" as const };
/** Times that the processor of a market is killed before it may finish. */
const KILLS = 2;
/** Longest time that a life is left alone once it owns its partitions. */
const LIFE_MS_MAX = 800;

/** A fault that lies in what comes to the cluster, and how. */
export interface ArrivalFault {
  /** The facts of one market, struck at least once. */
  readonly arrive: (facts: readonly FactSlice[]) => Arrival & { readonly strikes: number };
  /** Strikes once more, while no processor runs; how often. */
  readonly strikeTopics?: (log: Log) => Promise<number>;
  /** What else must hold, beside topics and tables. */
  readonly examine?: (log: Log, market: MarketOnKafka) => Promise<readonly string[]>;
  /** Tables that say what was done about the fault. */
  readonly telling?: readonly string[];
  /** How the processor of the broken build is broken; where it is left out, the facts are. */
  readonly defect?: "letters-dropped";
}

/**
 * Has such facts processed by processors that are killed and projected, market after market; then
 * compares topics and tables with those of the golden facts.
 */
export async function strikeArrivals(
  fault: ArrivalFault,
  { build, seed, strikes, onStrike }: FaultScope,
  random: () => number,
): Promise<FaultOutcome> {
  const brokers = await clusterOfFaults();
  const tables = await openReadModels();
  const tally = new MarketTally();
  let [struck, markets, kills] = [0, 0, 0];
  try {
    while (struck < strikes) {
      markets += 1;
      const market = await marketOnKafka(brokers, { ...MARKET, seed: seed + markets }, (facts) => {
        const arrival = fault.arrive(facts);
        struck += arrival.strikes;
        return arrival;
      });
      const log = await market.open();
      try {
        const isBroken = build === "broken" && fault.defect !== undefined;
        const task = {
          ...{ place: market.place, defect: fault.defect },
          build: isBroken ? build : "sound",
        };
        while (kills < markets * KILLS && (await liveAndDie(task, random))) {
          kills += 1;
          struck += (await fault.strikeTopics?.(log)) ?? 0;
        }
        await new ChildLife("struck-processor.ts", task).finished();
        onStrike(struck);
        await tally.examine(market);
        tally.violations.push(...((await fault.examine?.(log, market)) ?? []));
        tally.violations.push(...(await differingTables(tables, log, market, fault.telling)));
      } finally {
        await log.close();
        await market.remove();
      }
    }
  } finally {
    await tables.close();
  }
  const { records, copies, violations } = tally;
  return { strikes: struck, counts: { markets, kills, records, copies }, violations };
}

/** True when it was killed, false when it had got through before. */
async function liveAndDie(task: object, random: () => number): Promise<boolean> {
  const life = new ChildLife("struck-processor.ts", task);
  await life.next("READY");
  await life.within(Math.floor(random() * LIFE_MS_MAX));
  life.signal("SIGKILL");
  return (await life.ended()) === null;
}

const undisturbedTables = new WeakMap<Log, Promise<Readonly<Record<string, string>>>>();

/** The tables of an undisturbed run: several faults ask for the same ones. */
function tablesWithout(
  tables: ReadModels,
  undisturbed: Log,
): Promise<Readonly<Record<string, string>>> {
  const known = undisturbedTables.get(undisturbed);
  if (known !== undefined) return known;
  const made = tables.digestsOf([undisturbed]);
  undisturbedTables.set(undisturbed, made);
  return made;
}

async function differingTables(
  tables: ReadModels,
  log: Log,
  { undisturbed }: MarketOnKafka,
  telling: readonly string[] = [],
): Promise<string[]> {
  const golden = await tablesWithout(tables, (await undisturbed()).log);
  const found = await tables.digestsOf([log]);
  return Object.entries(golden)
    .filter(([table, sha256]) => found[table] !== sha256 && !telling.includes(table))
    .map(([table]) => `${table}: not the rows of an undisturbed run`);
}
