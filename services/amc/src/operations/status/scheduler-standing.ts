import { effectiveDiscovery } from "@amc/platform/config/load-config";
import type { Variables } from "@amc/platform/config/variables";
import type { Log } from "@amc/platform/log/port";
import { LIVE_SOURCE } from "@amc/platform/runtime/newest-tick";
import type { Clock } from "@amc/schemas/generated/events";
import { JOB_NAMES, type JobName } from "@amc/streams/jobs/job-table";
import { nextTickMs } from "@amc/streams/market/clock-ticks";
import { PROJECTOR_JOB_NAMES, PROJECTOR_JOBS } from "../../run/projector-jobs.ts";
import { READY_MAX_WAIT_MS } from "../../run/service.ts";
import { backwards, locate } from "../log-search.ts";

const JOB_TICK = "ops.job-tick.v1";

/**
 * How far back runs are looked for in a partition: two days of them. Jobs of every half a minute make
 * most of the 10,000 runs of a day, and the rarest job that somebody does runs daily.
 */
const RUNS_LOOKED_AT = 20_000;

/** What a log tells of who publishes time and asks for jobs. */
export interface SchedulerStanding {
  /**
   * `publishing`: its newest tick is the one that was due. `standing-still`: the next one is overdue.
   * `none`: the newest tick, if any, is a recording's. `off`: SCHEDULER_ENABLED is false.
   */
  readonly state: "publishing" | "standing-still" | "none" | "off";
  /** Instant of its newest tick, UTC ms; null where the newest tick is none of it. */
  readonly publishedMs: number | null;
  /** Ms by which the next tick is overdue; 0 before it is, null without a newest one. */
  readonly overdueMs: number | null;
  /** Jobs that it has asked for lately, by name. */
  readonly jobs: readonly JobStanding[];
}

export interface JobStanding {
  readonly job: JobName;
  /** Instant of its newest run, UTC ms. */
  readonly atMs: number;
  /**
   * `over`: done, or failed and given up, which the worker's own log tells apart. `waiting`: asked for and
   * not taken. `unattended`: nobody does this job.
   */
  readonly outcome: "over" | "waiting" | "unattended";
}

/** How the scheduler stands at an instant, UTC ms. Reads only; throws as the log does. */
export async function schedulerStanding(
  log: Log,
  newest: Clock | null,
  variables: Variables,
  nowMs: number,
): Promise<SchedulerStanding> {
  const jobs = await jobStandings(log);
  if (newest === null || newest.source !== LIVE_SOURCE) {
    const state = variables.SCHEDULER_ENABLED ? "none" : "off";
    return { state, publishedMs: null, overdueMs: null, jobs };
  }
  const { SCHEDULER_TICK_MS: tickMs, SCHEDULER_WAIT_MS: waitMs } = variables;
  const slotMinutes = effectiveDiscovery(variables).frequencyMinutes;
  const dueMs = nextTickMs(newest.happenedAt, { tickMs, slotMinutes }) + waitMs;
  const overdueMs = Math.max(0, nowMs - dueMs);
  return { state: stateOf(variables, overdueMs), publishedMs: newest.happenedAt, overdueMs, jobs };
}

function stateOf(
  { SCHEDULER_ENABLED: isEnabled }: Variables,
  overdueMs: number,
): SchedulerStanding["state"] {
  if (!isEnabled) return "off";
  return overdueMs > READY_MAX_WAIT_MS ? "standing-still" : "publishing";
}

async function jobStandings(log: Log): Promise<readonly JobStanding[]> {
  if (!log.topics().some(({ topic }) => topic === JOB_TICK)) return [];
  const taken = new Map(
    (await log.positions(PROJECTOR_JOBS, 0))
      .filter(({ topic }) => topic === JOB_TICK)
      .map(({ partition, next }) => [partition, next]),
  );
  const standings = new Map<JobName, JobStanding>();
  for (let partition = 0; partition < log.partitions(JOB_TICK); partition += 1) {
    for (const [job, { atMs, offset }] of await newestRuns(log, partition)) {
      const outcome = outcomeOf(job, offset < (taken.get(partition) ?? 0));
      standings.set(job, { job, atMs, outcome });
    }
  }
  return [...standings.values()].sort((a, b) => (a.job < b.job ? -1 : 1));
}

function outcomeOf(job: JobName, isTaken: boolean): JobStanding["outcome"] {
  if (!PROJECTOR_JOB_NAMES.some((name) => name === job)) return "unattended";
  return isTaken ? "over" : "waiting";
}

/** Where the newest run of each job lies in a partition; all runs of a job are in the same one. */
async function newestRuns(
  log: Log,
  partition: number,
): Promise<ReadonlyMap<JobName, { readonly atMs: number; readonly offset: number }>> {
  const newest = new Map<JobName, { atMs: number; offset: number }>();
  let looked = 0;
  for await (const record of backwards(
    log,
    JOB_TICK,
    partition,
    await log.endOffset(JOB_TICK, partition),
  )) {
    looked += 1;
    if (looked > RUNS_LOOKED_AT) break;
    const run = locate(JOB_TICK, record);
    const job = JOB_NAMES.find((name) => name === run?.event.job);
    if (run === null || job === undefined || newest.has(job)) continue;
    newest.set(job, { atMs: run.event.happenedAt, offset: record.offset });
  }
  return newest;
}
