import { seededRandom } from "@amc/replay/seeded-random";
import type { OwnKafka } from "@amc/stack/testing/own-kafka";
import type { Fault } from "./fault.ts";
import { strikeBrokers } from "./struck-brokers.ts";

/** From about as long as a request may take to several times that. */
const STALL_MS = { least: 1_500, most: 6_000 };

export const STALLED_LEADER: Fault = {
  id: "F5",
  title: "the leader is stopped (SIGSTOP) for seconds, senders one and twenty at once",
  invariant: "no acknowledged record is missing, and none is there twice",
  control: "kafkajs alone, idempotent, with sends that overlap",
  strikes: { full: 60, reduced: 6, control: 3 },
  run: (scope) => strikeBrokers({ brokers: 1, strike }, scope, seededRandom(scope.seed)),
};

async function strike(cluster: OwnKafka, random: () => number): Promise<void> {
  const stallMs = STALL_MS.least + random() * (STALL_MS.most - STALL_MS.least);
  await cluster.stallFor(stallMs);
}
