import type { Work } from "@amc/platform/assignment/assigned-work";
import { effectiveDiscovery } from "@amc/platform/config/load-config";
import { isLogError } from "@amc/platform/log/errors";
import { SCHEDULER_GROUP, SCHEDULER_PARTITION } from "@amc/scheduler/clock-state";
import { runClock, type SchedulerObserver } from "@amc/scheduler/run-clock";
import { nextTickMs, type TickSchedule } from "@amc/streams/market/clock-ticks";
import { isoUtc } from "@amc/streams/market/event-time";
import { untilStopped } from "../stop-signal.ts";
import { AssignedService } from "./assigned-service.ts";
import { READY_MAX_WAIT_MS, type Service, type ServiceContext } from "./service.ts";
import { UnitTries } from "./unit-tries.ts";

/** Publishes nothing, and is ready to. */
const SWITCHED_OFF: Service = {
  address: null,
  ready: async () => ({ ready: true, reasons: [] }),
  run: untilStopped,
};

/** Publishes time: one instance does, the others stand by and take over. */
export async function openScheduler(context: ServiceContext): Promise<Service> {
  const { variables, log, logger, metrics, clock } = context;
  const { SCHEDULER_ENABLED: isEnabled, SCHEDULER_WAIT_MS: waitMs } = variables;
  const slotMinutes = effectiveDiscovery(variables).frequencyMinutes;
  const schedule = { tickMs: variables.SCHEDULER_TICK_MS, slotMinutes };
  if (!isEnabled) {
    logger.warn({}, "the scheduler is switched off: no ticks");
    return SWITCHED_OFF;
  }
  const standing = new ClockStanding(context, schedule);
  const tries = new UnitTries();
  const work: Work = async (unit, signal) => {
    const publish = async (opened: () => void): Promise<void> => {
      const observer: SchedulerObserver = {
        opened: (lastTickMs) => {
          standing.opened(lastTickMs);
          opened();
        },
        published: (...told) => standing.published(...told),
      };
      await runClock({ log, schedule, waitMs, clock, observer }, signal);
    };
    try {
      await tries.run(unit, signal, publish, ({ error, code }, retryInMs) => {
        metrics.failed("scheduler", code, true);
        logger.error({ err: error, retryInMs }, "the clock waits");
      });
      return "released";
    } catch (error) {
      if (isLogError(error, "log.fenced")) return "lost";
      throw error;
    } finally {
      standing.letGo();
    }
  };
  return new AssignedService({
    context,
    work,
    units: [{ group: SCHEDULER_GROUP, partition: SCHEDULER_PARTITION }],
    problems: async () => [...tries.problems(), ...standing.problems(clock.nowMs() - waitMs)],
  });
}

/** What this instance knows of the clock while it publishes it. */
class ClockStanding implements SchedulerObserver {
  readonly #context: ServiceContext;
  readonly #schedule: TickSchedule;
  /** UTC ms; null while somebody else publishes, and before the first tick. */
  #lastTickMs: number | null = null;

  constructor(context: ServiceContext, schedule: TickSchedule) {
    this.#context = context;
    this.#schedule = schedule;
  }

  opened(lastTickMs: number | null): void {
    this.#lastTickMs = lastTickMs;
    const lastTick = lastTickMs === null ? null : isoUtc(lastTickMs);
    this.#context.logger.info({ lastTick }, "the clock goes on");
  }

  published(...[published, delayMs]: Parameters<SchedulerObserver["published"]>): void {
    const { ticks, runs, appends, missed, missedRuns } = published;
    const { logger, metrics, telemetry } = this.#context;
    this.#lastTickMs = ticks.at(-1) ?? this.#lastTickMs;
    metrics.scheduler.published("clock", ticks, missed, delayMs);
    const instants = runs.map(({ atMs }) => atMs);
    metrics.scheduler.published("job", instants, missedRuns, delayMs);
    telemetry.written("scheduler", appends, Math.max(0, delayMs));
    if (ticks.length === 1 && missed + missedRuns === 0) return;
    const [from, to] = [ticks[0], ticks.at(-1)].map((ms) => (ms === undefined ? null : isoUtc(ms)));
    const counts = { ticks: ticks.length, runs: runs.length, missed, missedRuns };
    logger.warn({ ...counts, from, to }, "the clock was late and made up for it");
  }

  letGo(): void {
    this.#lastTickMs = null;
    this.#context.metrics.scheduler.letGo();
  }

  /** Why time does not pass as it should at an instant whose ticks are due, UTC ms. */
  problems(dueMs: number): string[] {
    if (this.#lastTickMs === null) return [];
    const overdueMs = dueMs - nextTickMs(this.#lastTickMs, this.#schedule);
    if (overdueMs > READY_MAX_WAIT_MS) return [`a tick is ${Math.round(overdueMs)} ms overdue`];
    const aheadMs = this.#lastTickMs - dueMs;
    if (aheadMs <= READY_MAX_WAIT_MS) return [];
    return [`the newest tick is ${Math.round(aheadMs)} ms ahead: time waits until then`];
  }
}
