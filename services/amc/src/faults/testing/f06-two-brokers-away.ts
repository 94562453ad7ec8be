import { setTimeout as wait } from "node:timers/promises";
import { seededRandom, shuffled } from "@amc/replay/seeded-random";
import type { OwnKafka } from "@amc/stack/testing/own-kafka";
import { AskedApi } from "./asked-api.ts";
import type { Fault } from "./fault.ts";
import { type Finding, strikeUnderLoad } from "./loaded-brokers.ts";
import type { SteadyLoad } from "./steady-load.ts";

/** How long one broker is alone: shorter and longer than a sender repeats itself without an answer. */
const AWAY_MS = { least: 4_000, most: 12_000 };
/** What is on its way when the brokers die is answered, or its connection broken, within this. */
const ON_ITS_WAY_MS = 2_000;
/** What the matrix allows from the moment at which the second broker is back (F6). */
const RECOVERY_MS_MAX = 60_000;
/** As many as a second has. */
const RECOVERED_RECORDS = 250;

export const TWO_BROKERS_AWAY: Fault = {
  id: "F6",
  title:
    "two of three brokers killed at once, one left alone for seconds, both deliveries, and the API asked",
  invariant:
    "nothing is acknowledged then lost, nothing is there twice; the API answers from its tables and says that they may be stale, and takes no change; writes go on and answers are current within 60 s of the second broker's return",
  control:
    "kafkajs, which takes for written what it has sent (acks=0), and an API that asks the log before it answers",
  strikes: { full: 10, reduced: 1, control: 1 },
  run: (scope) => {
    const random = seededRandom(scope.seed);
    return strikeUnderLoad(scope, async (cluster, _struck, closers) => {
      const api = await AskedApi.open(cluster, scope, closers);
      return {
        strike: (loads) => strike(cluster, loads, api, random),
        beside: "API",
        examine: () => api.examine(),
      };
    });
  },
};

async function strike(
  cluster: OwnKafka,
  loads: readonly SteadyLoad[],
  api: AskedApi,
  random: () => number,
): Promise<Finding> {
  api.start();
  const victims = shuffled(cluster.pids, random).slice(1);
  for (const pid of victims) process.kill(pid, "SIGKILL");
  const killedAtMs = performance.now();
  api.change();
  await wait(AWAY_MS.least + random() * (AWAY_MS.most - AWAY_MS.least));
  const startedAtMs = performance.now();
  const settledMs = killedAtMs + ON_ITS_WAY_MS;
  api.wasAlone({ fromMs: killedAtMs, toMs: startedAtMs, settledMs });
  await cluster.restart();
  const backAtMs = performance.now();
  const violations: string[] = [];
  const exceeded: string[] = [];
  for (const load of loads) {
    if (await load.acknowledges(RECOVERED_RECORDS, RECOVERY_MS_MAX)) continue;
    exceeded.push(`${load.name}: no writes ${RECOVERY_MS_MAX} ms after both brokers were back`);
  }
  const recoveryMs = Math.round(performance.now() - backAtMs);
  if (!(await api.isCurrent(Math.max(0, RECOVERY_MS_MAX - recoveryMs)))) {
    exceeded.push(`no answer is current ${RECOVERY_MS_MAX} ms after both brokers were back`);
  }
  const alone = loads.flatMap(({ acknowledgedAtMs }) =>
    [...acknowledgedAtMs.values()].filter((atMs) => atMs > settledMs && atMs < startedAtMs),
  );
  if (alone.length > 0) violations.push(`one broker alone acknowledged ${alone.length} records`);
  const counts = {
    "one broker alone for ms": Math.round(startedAtMs - killedAtMs),
    "recovery in ms": recoveryMs,
  };
  return { counts, violations, exceeded };
}
