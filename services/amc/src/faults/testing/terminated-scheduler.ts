import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { jobRunsOf, ticksOf } from "@amc/scheduler/testing/ticks-of";
import { isoUtc, newYorkToUtc } from "@amc/streams/market/event-time";
import type { RealStack } from "../../testing/real-stack.ts";
import { ServiceProcess, until } from "../../testing/service-process.ts";
import type { Build } from "./fault.ts";
import { endInTime } from "./terminated-services.ts";

/** What a struck scheduler is told. */
export interface SchedulerTask {
  readonly build: Build;
  /** The time that it is when it starts, UTC ms. */
  readonly fromMs: number;
  /** Ms of that time in one of this machine. */
  readonly speed: number;
}

interface SchedulerStrikes {
  readonly stack: RealStack;
  readonly build: Build;
  readonly strikes: number;
  readonly random: () => number;
  readonly onStrike: () => void;
}

interface SchedulerOutcome {
  /** Instants and runs of jobs that are missing, there twice or in the wrong order. */
  readonly violations: readonly string[];
  readonly badEnds: readonly string[];
  readonly slowestEndMs: number;
}

const PROGRAM = fileURLToPath(new URL("./struck-scheduler.ts", import.meta.url));
/** A trading day behind every recording and simulated market, and a time before most of its daily jobs. */
const DATE = "2025-09-10";
const FROM_MS = newYorkToUtc(DATE, "08:58");
/** A minute in a quarter of a second: some hours go by in a few lives, and no life sees the day end. */
const SPEED = 240;
const MINUTE_MS = 60_000;
const SLOT_MS = 15 * MINUTE_MS;
/** A recorded time that passes while nobody publishes: longer than a slot, so that some are made up for. */
const AWAY_MS = { least: 16 * MINUTE_MS, most: 40 * MINUTE_MS };
/** Longest time for which it publishes before it is asked to end. */
const QUIET_MS_MAX = 1_000;
const PARTITION = 0;

/** The daily jobs of a Wednesday that is a trading day, in New York's time, as the planning documents say. */
const DAILY_JOBS = [
  ["09:00", "check-finra-schedule"],
  ["10:00", "collect-short-interest-data"],
  ["11:00", "validate-data-quality"],
  ["12:00", "short_interest_check"],
  ["16:15", "ab_test_analysis"],
  ["18:30", "finra_daily_short_volume"],
  ["19:00", "alpha_vantage_options_daily"],
  ["19:30", "iv_percentile_calculation"],
] as const;

/**
 * SIGTERM of the scheduler while it publishes a recorded time, again and again; between two lives time
 * goes on without it. Then every slot and every daily job of the time that was published must be there,
 * once and in order, in every partition.
 */
export async function terminateScheduler(options: SchedulerStrikes): Promise<SchedulerOutcome> {
  const { stack, strikes, random, onStrike } = options;
  const badEnds: string[] = [];
  let [fromMs, slowestEndMs] = [FROM_MS, 0];
  // The last life is not struck while it works: it makes up for what the one before left undone.
  for (let lives = 0; lives <= strikes; lives += 1) {
    const life = startScheduler(options, fromMs);
    try {
      const newest = () => newestInstant(stack);
      await until(
        async () => (await newest()) >= fromMs,
        () => life.log.slice(-2_000),
      );
      await wait(lives < strikes ? random() * QUIET_MS_MAX : QUIET_MS_MAX);
      const { endMs, badEnd } = await endInTime("scheduler", life);
      slowestEndMs = Math.max(slowestEndMs, endMs);
      if (badEnd !== null) badEnds.push(badEnd);
      fromMs = (await newest()) + AWAY_MS.least + random() * (AWAY_MS.most - AWAY_MS.least);
    } finally {
      await life.kill();
    }
    if (lives < strikes) onStrike();
  }
  return { violations: await examineTime(stack), badEnds, slowestEndMs };
}

function startScheduler({ stack, build }: SchedulerStrikes, fromMs: number): ServiceProcess {
  const task: SchedulerTask = { build, fromMs, speed: SPEED };
  const environment = { ...stack.environment, SCHEDULER_TICK_MS: `${MINUTE_MS}` };
  return new ServiceProcess([JSON.stringify(task)], environment, [PROGRAM]);
}

async function newestInstant({ log }: RealStack): Promise<number> {
  return (await publishedInstants(log, PARTITION)).at(-1) ?? 0;
}

/** Of the time that this part publishes: recordings that were played before have ticks as well. */
async function publishedInstants(log: RealStack["log"], partition: number): Promise<number[]> {
  const ticks = await ticksOf(log, partition);
  return ticks.map(({ happenedAt }) => happenedAt).filter((atMs) => atMs >= FROM_MS - MINUTE_MS);
}

async function examineTime({ log }: RealStack): Promise<readonly string[]> {
  const violations: string[] = [];
  const first = await publishedInstants(log, PARTITION);
  const [fromMs = 0, toMs = 0] = [first[0], first.at(-1)];
  for (let partition = 0; partition < log.partitions("ops.clock.v1"); partition += 1) {
    const instants = await publishedInstants(log, partition);
    const where = `ops.clock.v1/${partition}`;
    const ascending = [...new Set(instants)].toSorted((a, b) => a - b);
    if (instants.join() !== ascending.join()) {
      violations.push(
        `${where}: ${instants.length - ascending.length} instants twice or out of order`,
      );
    }
    const lost = slotsIn(fromMs, toMs).filter((atMs) => !instants.includes(atMs));
    if (lost.length > 0) violations.push(`${where}: no tick at ${lost.map(isoUtc).join(", ")}`);
    if (instants.join() !== first.join()) violations.push(`${where}: other instants than in 0`);
  }
  return [...violations, ...(await examineJobs(log, fromMs, toMs))];
}

/** Every daily job once that was due in (fromMs, toMs], and no run of any job twice. */
async function examineJobs(
  log: RealStack["log"],
  fromMs: number,
  toMs: number,
): Promise<readonly string[]> {
  const runs = await jobRunsOf(log);
  const violations: string[] = [];
  const repeated = runs.length - new Set(runs).size;
  if (repeated > 0) violations.push(`${repeated} runs of jobs are asked for twice`);
  for (const [time, job] of DAILY_JOBS) {
    const atMs = newYorkToUtc(DATE, time);
    if (atMs <= fromMs || atMs > toMs) continue;
    if (!runs.includes(`${isoUtc(atMs)} ${job}`)) violations.push(`${job} of ${time} was lost`);
  }
  return violations;
}

/** The regular session's slots in (fromMs, toMs], a quarter of an hour apart. */
function slotsIn(fromMs: number, toMs: number): readonly number[] {
  const slots: number[] = [];
  const closeMs = newYorkToUtc(DATE, "16:00");
  for (let atMs = newYorkToUtc(DATE, "09:30"); atMs < closeMs; atMs += SLOT_MS) {
    if (atMs > fromMs && atMs <= toMs) slots.push(atMs);
  }
  return slots;
}
