import { effectiveDiscovery } from "@amc/platform/config/load-config";
import type { Variables } from "@amc/platform/config/variables";
import { isProviderError } from "@amc/platform/http/provider-error";
import type { WaitingClock } from "@amc/platform/http/waiting-clock";
import type { JobWorker } from "@amc/platform/jobs/job-worker";
import { createLogger } from "@amc/platform/logger";
import { type RunClockOptions, runClock, type SchedulerObserver } from "@amc/scheduler/run-clock";
import { isoUtc } from "@amc/streams/market/event-time";
import { cutTopic } from "../operations/prune/log-retention.ts";
import type { Printer } from "../output/printer.ts";
import { openProjectorJobs } from "../run/projector-jobs.ts";
import type { System } from "../system.ts";
import type { KnownBars } from "./known-bars.ts";
import { JOBS_GROUP, type LiveJobs, liveJobs, openLiveJobs } from "./live-jobs.ts";
import type { LiveSources } from "./live-sources.ts";
import type { SourceTeller } from "./source-asker.ts";
import { askedTasks, repeatTask, tickWaitMs, warmUpTask } from "./source-sweeps.ts";
import type { SweepBudget } from "./sweep-budget.ts";

export interface RunLiveOptions {
  readonly system: System;
  readonly variables: Variables;
  readonly clock: WaitingClock;
  readonly sources: LiveSources;
  readonly known: KnownBars;
  readonly teller: SourceTeller;
  readonly budgets: readonly SweepBudget[];
  readonly printer: Printer;
}

/** History first, all of it before time begins; then time, and what is new as it comes, until `signal` aborts. */
export async function runLive(options: RunLiveOptions, signal: AbortSignal): Promise<void> {
  const { sources, printer, clock } = options;
  const { system, known, teller } = options;
  const { log, telemetry } = system;
  const tasks = askedTasks({ log, known, teller }, sources.tasks);
  const working = { ...options, log, telemetry };
  const jobs = liveJobs(working);
  for (const each of tasks) if (each.task.isHistory) await warmUpTask(options, each, signal);
  await collectDue(options, jobs, signal);
  if (signal.aborted) return;
  const at = isoUtc(clock.nowMs());
  printer.line({ type: "live", at }, `live since ${at}; Ctrl-C ends it`);
  const workers = [await openLiveJobs(working, jobs), await tableWorker(options)];
  const inline = async (ended: AbortSignal): Promise<void> => {
    for (const worker of workers) await worker.workOff(ended);
  };
  const isInline = options.variables.SCHEDULER_JOBS_INLINE;
  await Promise.all([
    passTime(options, isInline ? { doJobs: inline } : {}, signal),
    ...(isInline ? [] : workers.map((worker) => worker.run(signal))),
    ...tasks.map((each) => repeatTask(clock, each, signal)),
  ]);
}

async function passTime(
  options: RunLiveOptions,
  inline: Pick<RunClockOptions, "doJobs">,
  signal: AbortSignal,
): Promise<void> {
  const { system, variables, clock, budgets } = options;
  const waitMs = tickWaitMs(variables, budgets);
  const { frequencyMinutes: slotMinutes } = effectiveDiscovery(variables);
  const observer: SchedulerObserver = {
    opened: () => undefined,
    published: ({ appends }, elapsedMs) =>
      system.telemetry.written("scheduler", appends, Math.max(0, elapsedMs)),
  };
  const schedule = { tickMs: variables.SCHEDULER_TICK_MS, slotMinutes };
  await runClock({ log: system.log, schedule, waitMs, clock, observer, ...inline }, signal);
}

/** What is public already, before time begins; the jobs would only come to it at their hours. */
async function collectDue(
  { system, clock, teller }: RunLiveOptions,
  jobs: LiveJobs,
  signal: AbortSignal,
): Promise<void> {
  const lease = await system.log.acquire(JOBS_GROUP, 0);
  for (const job of ["short_interest_check", "finra_daily_short_volume"] as const) {
    try {
      await jobs.get(job)?.(clock.nowMs(), signal, lease);
    } catch (error) {
      if (!isProviderError(error)) throw error;
      if (signal.aborted) return;
      teller.unreachable("finra_short", error.code, error.message);
    }
  }
}

/** Old rows are deleted at their hour, as `run projector` does on a cluster. */
async function tableWorker({ system, variables, clock }: RunLiveOptions): Promise<JobWorker> {
  const { log, telemetry, database } = system;
  const logger = createLogger(variables.LOG_LEVEL);
  const { metrics } = telemetry;
  const told = { log, clock, variables, logger, metrics, telemetry };
  return await openProjectorJobs(told, database.projector, (asOfMs) =>
    cutTopic(log, "ops.provider-answer.v1", asOfMs),
  );
}
