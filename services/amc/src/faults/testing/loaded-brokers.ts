import { type OwnKafka, ownKafka } from "@amc/stack/testing/own-kafka";
import type { FaultOutcome, FaultScope } from "./fault.ts";
import { DELIVERIES } from "./market-on-kafka.ts";
import { SteadyLoad } from "./steady-load.ts";

/** Three replicas of each record, two of them in sync before it is acknowledged. */
const BROKERS = 3;
/** Nobody starts a fault before the load runs. */
const FIRST_RECORDS = 500;
const FIRST_MS_MAX = 60_000;

/** One fault under load; what it counted and where something did not hold. */
export type LoadedStrike = (
  cluster: OwnKafka,
  loads: readonly SteadyLoad[],
) => Promise<Omit<FaultOutcome, "strikes">>;

/**
 * Puts faults into a cluster of three that nobody else uses, under a steady load in both deliveries;
 * then no acknowledged record may be missing and none may be there twice. Records
 * are summed; of what a strike counts itself the largest is told.
 */
export async function strikeUnderLoad(
  { build, strikes, onStrike }: FaultScope,
  strike: LoadedStrike,
): Promise<FaultOutcome> {
  const cluster = await ownKafka(BROKERS);
  if (cluster === null) throw new Error(`a cluster of ${BROKERS} cannot be started here`);
  const violations: string[] = [];
  const exceeded: string[] = [];
  const sums = { acknowledged: 0, lost: 0, twice: 0, "read again": 0 };
  const slowest: Record<string, number> = {};
  try {
    for (let struck = 0; struck < strikes; struck += 1) {
      const deliveries = build === "sound" ? DELIVERIES : DELIVERIES.slice(0, 1);
      const loads: SteadyLoad[] = [];
      for (const delivery of deliveries) {
        loads.push(await SteadyLoad.start(cluster, delivery, build));
      }
      for (const load of loads) {
        if (await load.acknowledges(FIRST_RECORDS, FIRST_MS_MAX)) continue;
        exceeded.push(`${load.name}: the load did not begin`);
      }
      const found = await strike(cluster, loads);
      violations.push(...found.violations);
      exceeded.push(...(found.exceeded ?? []));
      for (const [what, count] of Object.entries(found.counts)) {
        slowest[what] = Math.max(slowest[what] ?? 0, count);
      }
      violations.push(...(await examine(loads, sums)));
      onStrike(struck + 1);
    }
    return { strikes, counts: { ...sums, ...slowest }, violations, exceeded };
  } finally {
    await cluster.down();
  }
}

type Sums = Record<"acknowledged" | "lost" | "twice" | "read again", number>;

async function examine(loads: readonly SteadyLoad[], sums: Sums): Promise<readonly string[]> {
  const violations: string[] = [];
  for (const load of loads) {
    const { acknowledged, lost, duplicated, read, readAgain } = await load.finish();
    sums.acknowledged += acknowledged;
    sums.lost += lost;
    sums.twice += duplicated;
    sums["read again"] += readAgain;
    if (lost + duplicated > 0) {
      violations.push(`${load.name}: ${lost} acknowledged records lost, ${duplicated} twice`);
    }
    if (load.name === "kafkajs") continue;
    if (readAgain > 0) violations.push(`${load.name}: the reader saw ${readAgain} records again`);
    if (read < acknowledged) {
      violations.push(`${load.name}: the reader saw ${read} of ${acknowledged} records`);
    }
  }
  return violations;
}
