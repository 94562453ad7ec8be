import { seededRandom } from "@amc/replay/seeded-random";
import { ChildLife } from "./child-life.ts";
import type { Fault, FaultOutcome, FaultScope } from "./fault.ts";
import { DELIVERIES, type MarketOnKafka, MarketTally, marketOnKafka } from "./market-on-kafka.ts";
import { clusterOfFaults } from "./servers.ts";

/** Longest time after which an owner is stopped. */
const LIFE_MS_MAX = 600;
const MARKET = { symbols: 60, minutes: 60, partitions: 4 };

/** By exit code of the struck processor. */
const ENDS: ReadonlyMap<number, string> = new Map([
  [3, "fenced"],
  [4, "unknown"],
  [5, "unavailable"],
]);

export const ZOMBIES: Fault = {
  id: "F9",
  title: "owners stopped (SIGSTOP) until another has done their work, then let go on",
  invariant:
    "whoever was stopped writes nothing that counts and ends: fenced, or with requests that timed out while it was stopped; derived topics as in an undisturbed run, in both deliveries",
  control: "outputs are written without a lease, position and state after them",
  strikes: { full: 50, reduced: 4, control: 2 },
  run,
};

async function run({ build, seed, strikes, onStrike }: FaultScope): Promise<FaultOutcome> {
  const random = seededRandom(seed);
  const brokers = await clusterOfFaults();
  const tally = new MarketTally();
  const exceeded: string[] = [];
  let struck = 0;
  const ends: Record<string, number> = { fenced: 0, unknown: 0, unavailable: 0 };
  for (let round = 1; struck < strikes; round += 1) {
    const delivery = DELIVERIES[round % DELIVERIES.length] ?? "deduplicated";
    const market = await marketOnKafka(brokers, { ...MARKET, delivery, seed: seed + round });
    try {
      const end = await stopAndReplace(market, build, random);
      // It had done everything before it could be stopped.
      if (end === null) continue;
      struck += 1;
      onStrike(struck);
      const known = ends[end];
      if (known !== undefined) ends[end] = known + 1;
      else exceeded.push(`${delivery}: the zombie was not stopped (${end})`);
      await tally.examine(market);
    } finally {
      await market.remove();
    }
  }
  const { records, copies, violations } = tally;
  return { strikes: struck, counts: { ...ends, records, copies }, violations, exceeded };
}

/** How the zombie ended; null when there was none. */
async function stopAndReplace(
  { place }: MarketOnKafka,
  build: FaultScope["build"],
  random: () => number,
): Promise<string | null> {
  const zombie = new ChildLife("struck-processor.ts", { place, build });
  await zombie.next("READY");
  if (build === "sound") await zombie.within(Math.floor(random() * LIFE_MS_MAX));
  else await zombie.next("EXPOSED");
  zombie.signal("SIGSTOP");
  const isDone = zombie.times("DONE") > 0;
  const heir = new ChildLife("struck-processor.ts", { place, build: "sound" });
  const heirEnd = await heir.ended();
  zombie.signal("SIGCONT");
  const end = await zombie.ended();
  if (heirEnd !== 0) return `the heir ended with ${heirEnd}`;
  if (isDone) return null;
  return ENDS.get(end ?? -1) ?? `exit code ${end}`;
}
