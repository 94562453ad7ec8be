import { setTimeout as wait } from "node:timers/promises";
import { seededRandom } from "@amc/replay/seeded-random";
import type { OwnKafka } from "@amc/stack/testing/own-kafka";
import type { Fault } from "./fault.ts";
import { strikeBrokers } from "./struck-brokers.ts";

/** Three replicas of each record, two of them in sync before it is acknowledged. */
const BROKERS = 3;
/** Longest time for which a broker is away. */
const AWAY_MS_MAX = 3_000;

export const BROKERS_KILLED: Fault = {
  id: "F4",
  title: "kill -9 of one of three brokers, leaders among them, and its return",
  invariant: "no acknowledged record is missing, and none is there twice",
  control: "kafkajs alone, idempotent, with sends that overlap",
  strikes: { full: 40, reduced: 6, control: 6 },
  run: (scope) => strikeBrokers({ brokers: BROKERS, strike }, scope, seededRandom(scope.seed)),
};

async function strike(cluster: OwnKafka, random: () => number): Promise<void> {
  const pids = cluster.pids;
  const pid = pids[Math.floor(random() * pids.length)];
  if (pid === undefined) throw new RangeError("no broker runs");
  process.kill(pid, "SIGKILL");
  await wait(random() * AWAY_MS_MAX);
  await cluster.restart();
}
