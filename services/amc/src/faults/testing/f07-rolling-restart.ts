import { setTimeout as wait } from "node:timers/promises";
import type { OwnKafka } from "@amc/stack/testing/own-kafka";
import { percentile } from "../../bench/statistics.ts";
import { isRunning } from "../../testing/service-process.ts";
import type { Build, Fault } from "./fault.ts";
import { type Finding, strikeUnderLoad } from "./loaded-brokers.ts";
import { RolledMarket } from "./rolled-market.ts";
import type { SteadyLoad } from "./steady-load.ts";

const LOOK_EVERY_MS = 50;
/** What is normal here is measured for so long before the first broker goes. */
const NORMAL_MS = 5_000;
const SECOND_MS = 1_000;
/** What the matrix allows (F7): 99 of 100 records during the roll, and until it is as before. */
const DURING_MS_MAX = 30_000;
const SETTLED_MS_MAX = 60_000;

export const ROLLING_RESTART: Fault = {
  id: "F7",
  title:
    "all three brokers restarted one after the other (SIGTERM) under a steady load, while a market is processed and projected",
  invariant:
    "no acknowledged record is missing, none is there or read twice; derived topics as undisturbed, tables equal a rebuild, every record counted once; p99 from send to reader at most 30 s during the roll and back to what it was within 60 s after it",
  control:
    "kafkajs, which takes for written what it has sent (acks=0), and a projector that goes on at the newest record when a broker goes",
  strikes: { full: 5, reduced: 1, control: 1 },
  run: (scope) =>
    strikeUnderLoad(scope, async (cluster, struck, closers) => {
      const market = await RolledMarket.open(cluster, scope, struck, closers);
      return {
        strike: (loads) => roll(loads, cluster, market, scope.build),
        beside: "market",
        examine: () => market.finish(),
      };
    }),
};

async function roll(
  loads: readonly SteadyLoad[],
  cluster: OwnKafka,
  market: RolledMarket,
  build: Build,
): Promise<Finding> {
  await wait(NORMAL_MS);
  const normalToMs = performance.now();
  await market.start();
  const startedAtMs = performance.now();
  // One restart is enough for a sender that waits for nothing, and for a reader that jumps.
  for (const pid of build === "sound" ? cluster.pids : cluster.pids.slice(0, 1)) {
    process.kill(pid, "SIGTERM");
    market.brokerGoes();
    while (isRunning(pid)) await wait(LOOK_EVERY_MS);
    await cluster.restart();
    for (const { topic } of loads) await cluster.untilCopied(topic);
  }
  const counts = { "commits during the roll": market.commits };
  if (build === "broken") return { counts, violations: [] };
  const roll = { normalToMs, startedAtMs, endedAtMs: performance.now() };
  const standing = await standingOf(loads, roll);
  return { ...standing, counts: { ...counts, ...standing.counts } };
}

/** Monotonic ms: the end of what is normal, and the roll. */
type RollTime = "normalToMs" | "startedAtMs" | "endedAtMs";

/** How long records took before, during and after the roll. */
async function standingOf(
  loads: readonly SteadyLoad[],
  { normalToMs, startedAtMs, endedAtMs }: Readonly<Record<RollTime, number>>,
): Promise<Finding> {
  const counts: Record<string, number> = { "roll in ms": Math.round(endedAtMs - startedAtMs) };
  const exceeded: string[] = [];
  for (const load of loads) {
    const normalMs = slowestSecond(load, normalToMs - NORMAL_MS, normalToMs);
    const duringMs = p99Between(load, startedAtMs, endedAtMs) ?? Number.POSITIVE_INFINITY;
    const settledMs = await settles(load, normalMs, endedAtMs);
    counts[`${load.name} p99 before in ms`] = Math.round(normalMs);
    counts[`${load.name} p99 during in ms`] = Math.round(duringMs);
    counts[`${load.name} settled after ms`] = Math.round(settledMs ?? SETTLED_MS_MAX);
    if (duringMs > DURING_MS_MAX) {
      exceeded.push(`${load.name}: p99 of ${Math.round(duringMs)} ms during the roll`);
    }
    if (settledMs === null) {
      exceeded.push(`${load.name}: slower than before for ${SETTLED_MS_MAX} ms after the roll`);
    }
  }
  return { counts, violations: [], exceeded };
}

/** ms from the end of the roll to the end of the first second that was as before; null for none. */
async function settles(
  load: SteadyLoad,
  normalMs: number,
  endedAtMs: number,
): Promise<number | null> {
  for (let second = 0; second * SECOND_MS < SETTLED_MS_MAX; second += 1) {
    const fromMs = endedAtMs + second * SECOND_MS;
    await wait(Math.max(0, fromMs + SECOND_MS - performance.now()));
    const p99 = p99Between(load, fromMs, fromMs + SECOND_MS);
    if (p99 !== null && p99 <= normalMs) return (second + 1) * SECOND_MS;
  }
  return null;
}

/** The p99 of the slowest second. */
function slowestSecond(load: SteadyLoad, fromMs: number, toMs: number): number {
  let slowest = 0;
  for (let atMs = fromMs; atMs < toMs; atMs += SECOND_MS) {
    slowest = Math.max(slowest, p99Between(load, atMs, atMs + SECOND_MS) ?? 0);
  }
  return slowest;
}

/** From send to reader, in ms, of the records that were read in a time; null when there were none. */
function p99Between({ seen }: SteadyLoad, fromMs: number, toMs: number): number | null {
  const latencies = seen
    .filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
    .map(({ latencyMs }) => latencyMs)
    .toSorted((a, b) => a - b);
  return latencies.length === 0 ? null : percentile(latencies, 0.99);
}
