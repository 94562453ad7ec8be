import { setTimeout as wait } from "node:timers/promises";
import { seededRandom } from "@amc/replay/seeded-random";
import { ChildLife } from "./child-life.ts";
import type { Fault, FaultOutcome, FaultScope } from "./fault.ts";
import { DELIVERIES, examineMarket, type MarketOnKafka, marketOnKafka } from "./market-on-kafka.ts";
import { clusterOfFaults } from "./servers.ts";

/** Longest time after which an owner is stopped. */
const LIFE_MS_MAX = 600;
const MARKET = { symbols: 60, minutes: 60, partitions: 4 };

export const ZOMBIES: Fault = {
  id: "F9",
  title: "owners stopped (SIGSTOP) until another has done their work, then let go on",
  invariant:
    "whoever was stopped ends by itself, fenced; derived topics as in an undisturbed run, in both deliveries",
  control: "outputs are written without a lease, position and state after them",
  strikes: { full: 50, reduced: 4, control: 2 },
  run,
};

async function run({ build, seed, strikes, onStrike }: FaultScope): Promise<FaultOutcome> {
  const random = seededRandom(seed);
  const brokers = await clusterOfFaults();
  const violations: string[] = [];
  let [struck, records, copies, fenced, unknown] = [0, 0, 0, 0, 0];
  for (let round = 1; struck < strikes; round += 1) {
    const delivery = DELIVERIES[round % DELIVERIES.length] ?? "deduplicated";
    const market = await marketOnKafka(brokers, { ...MARKET, delivery, seed: seed + round });
    try {
      const end = await stopAndReplace(market, build, random);
      // It had done everything before it could be stopped.
      if (end === null) continue;
      struck += 1;
      onStrike(struck);
      if (end === "fenced") fenced += 1;
      else if (end === "unknown") unknown += 1;
      else violations.push(`${delivery}: the zombie was not stopped (${end})`);
      const found = await examineMarket(market);
      records += found.records;
      copies += found.copies;
      violations.push(...found.violations.map((text) => `${delivery}: ${text}`));
    } finally {
      await market.remove();
    }
  }
  return { strikes: struck, counts: { fenced, unknown, records, copies }, violations };
}

/** How the zombie ended; null when there was none. */
async function stopAndReplace(
  { place }: MarketOnKafka,
  build: FaultScope["build"],
  random: () => number,
): Promise<string | null> {
  const zombie = new ChildLife("struck-processor.ts", { place, build });
  await zombie.next("READY");
  if (build === "sound") await wait(Math.floor(random() * LIFE_MS_MAX));
  else await zombie.next("EXPOSED");
  zombie.signal("SIGSTOP");
  const isDone = zombie.times("DONE") > 0;
  const heir = new ChildLife("struck-processor.ts", { place, build: "sound" });
  const heirEnd = await heir.ended();
  zombie.signal("SIGCONT");
  const end = await zombie.ended();
  if (heirEnd !== 0) return `the heir ended with ${heirEnd}`;
  if (isDone) return null;
  if (end === 3) return "fenced";
  return end === 4 ? "unknown" : `exit code ${end}`;
}
