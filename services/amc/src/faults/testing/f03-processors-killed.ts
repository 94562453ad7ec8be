import { seededRandom } from "@amc/replay/seeded-random";
import { ChildLife } from "./child-life.ts";
import type { Build, Fault, FaultOutcome, FaultScope } from "./fault.ts";
import { DELIVERIES, type MarketPlace, MarketTally, marketOnKafka } from "./market-on-kafka.ts";
import { clusterOfFaults } from "./servers.ts";

/** Longest time that a life is left alone once it owns its partitions. */
const LIFE_MS_MAX = 800;
/** Enough work for a handful of lives. */
const MARKET = { symbols: 60, minutes: 60, partitions: 4 };
/** Spread of the exposure at which the broken build is killed. */
const EXPOSURES_MAX = 8;

export const PROCESSORS_KILLED: Fault = {
  id: "F3",
  title: "kill -9 of processors on Kafka, both deliveries",
  invariant:
    "derived topics as in an undisturbed run; no record committed twice (transactional), none that a reader takes twice (deduplicated)",
  control: "outputs, then position and state, in two commits",
  strikes: { full: 100, reduced: 8, control: 6 },
  run,
};

async function run({ build, seed, strikes, onStrike }: FaultScope): Promise<FaultOutcome> {
  const random = seededRandom(seed);
  const brokers = await clusterOfFaults();
  const tally = new MarketTally();
  let [killed, markets] = [0, 0];
  while (killed < strikes) {
    const delivery = DELIVERIES[markets % DELIVERIES.length] ?? "deduplicated";
    markets += 1;
    const market = await marketOnKafka(brokers, { ...MARKET, delivery, seed: seed + markets });
    // Both deliveries get their share, however few strikes there are.
    const most = Math.min(strikes, killed + Math.ceil(strikes / DELIVERIES.length));
    try {
      while (killed < most && (await liveAndDie(market.place, build, random))) {
        killed += 1;
        onStrike(killed);
      }
      await new ChildLife("struck-processor.ts", {
        place: market.place,
        build: "sound",
      }).finished();
      await tally.examine(market);
    } finally {
      await market.remove();
    }
  }
  const { records, copies, violations } = tally;
  return { strikes: killed, counts: { markets, records, copies }, violations };
}

/** True when it was killed, false when it had got through before. */
async function liveAndDie(
  place: MarketPlace,
  build: Build,
  random: () => number,
): Promise<boolean> {
  const life = new ChildLife("struck-processor.ts", { place, build });
  await life.next("READY");
  if (build === "sound") {
    await life.within(Math.floor(random() * LIFE_MS_MAX));
  } else {
    // Killed where it is wrong: a control that chance may spare proves nothing.
    const exposures = 1 + Math.floor(random() * EXPOSURES_MAX);
    while (life.times("EXPOSED") < exposures && life.times("DONE") === 0) {
      const before = life.times("EXPOSED");
      await life.next("EXPOSED");
      if (life.times("EXPOSED") === before) break;
    }
  }
  life.signal("SIGKILL");
  return (await life.ended()) === null;
}
