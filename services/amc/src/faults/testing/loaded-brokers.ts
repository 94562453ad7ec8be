import type { OwnKafka } from "@amc/stack/testing/own-kafka";
import { Closers } from "../../closers.ts";
import type { FaultOutcome, FaultScope } from "./fault.ts";
import { caughtEach } from "./judge.ts";
import { DELIVERIES } from "./market-on-kafka.ts";
import { withOwnCluster } from "./servers.ts";
import { SteadyLoad } from "./steady-load.ts";

/** Three replicas of each record, two of them in sync before it is acknowledged. */
const BROKERS = 3;
/** Nobody starts a fault before the load runs. */
const FIRST_RECORDS = 500;
const FIRST_MS_MAX = 60_000;
/** Who writes the steady load, as what was found of it is told. */
const LOADS = "load";

/** What a part of a strike has found. */
export type Finding = Omit<FaultOutcome, "strikes">;

/** One fault under load, and those who use the brokers beside the load while it is put in. */
export interface PreparedStrike {
  /** What it counts, and where something does not hold of the loads. */
  readonly strike: (loads: readonly SteadyLoad[]) => Promise<Finding>;
  readonly beside: string;
  /** The same of those beside the loads, when these have ended. */
  readonly examine: () => Promise<Finding>;
}

/** Starts what uses the brokers beside the loads, before these do; `closers` end it after the strike. */
export type PrepareStrike = (
  cluster: OwnKafka,
  struck: number,
  closers: Closers,
) => Promise<PreparedStrike>;

/**
 * Puts faults into a cluster of three that nobody else uses, under a steady load in both deliveries;
 * then no acknowledged record may be missing and none may be there twice. Records
 * are summed; of what a strike counts itself the largest is told. The broken build is caught when the load
 * and everybody beside it is.
 */
export function strikeUnderLoad(scope: FaultScope, prepare: PrepareStrike): Promise<FaultOutcome> {
  return withOwnCluster(BROKERS, (cluster) => strikeCluster(cluster, scope, prepare));
}

async function strikeCluster(
  cluster: OwnKafka,
  { build, strikes, onStrike }: FaultScope,
  prepare: PrepareStrike,
): Promise<FaultOutcome> {
  const found: Record<string, string[]> = {};
  const exceeded: string[] = [];
  const sums = { acknowledged: 0, lost: 0, twice: 0, "read again": 0 };
  const slowest: Record<string, number> = {};
  const take = (who: string, finding: Finding) => {
    found[who] = [...(found[who] ?? []), ...finding.violations];
    exceeded.push(...(finding.exceeded ?? []));
    for (const [what, count] of Object.entries(finding.counts)) {
      slowest[what] = Math.max(slowest[what] ?? 0, count);
    }
  };
  for (let struck = 0; struck < strikes; struck += 1) {
    const closers = new Closers();
    try {
      const prepared = await prepare(cluster, struck, closers);
      const loads = await startLoads(cluster, build, exceeded);
      take(LOADS, await prepared.strike(loads));
      take(LOADS, { counts: {}, violations: await examine(loads, sums) });
      take(prepared.beside, await prepared.examine());
    } finally {
      await closers.close();
    }
    onStrike(struck + 1);
  }
  const counts = { ...sums, ...slowest };
  if (build === "broken") return { strikes, counts, ...caughtEach(found) };
  return { strikes, counts, violations: Object.values(found).flat(), exceeded };
}

/** The loads, under way. */
async function startLoads(
  cluster: OwnKafka,
  build: FaultScope["build"],
  exceeded: string[],
): Promise<readonly SteadyLoad[]> {
  const loads: SteadyLoad[] = [];
  for (const delivery of build === "sound" ? DELIVERIES : DELIVERIES.slice(0, 1)) {
    loads.push(await SteadyLoad.start(cluster, delivery, build));
  }
  for (const load of loads) {
    if (await load.acknowledges(FIRST_RECORDS, FIRST_MS_MAX)) continue;
    exceeded.push(`${load.name}: the load did not begin`);
  }
  return loads;
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
