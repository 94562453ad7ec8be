import type { Work } from "@amc/platform/assignment/assigned-work";
import { openCache } from "@amc/platform/cache/open-cache";
import { SYSTEM_CLOCK } from "@amc/platform/clock";
import { isLogError } from "@amc/platform/log/errors";
import { waitingMs } from "@amc/platform/runtime/waiting-input";
import { isProjectorError } from "@amc/projector/errors";
import { createProjector, type Projector } from "@amc/projector/projector";
import { PROJECTOR_UNITS } from "@amc/projector/projector-units";
import { cacheSettingsOf } from "../cache-settings.ts";
import { openGivenDatabase } from "../database.ts";
import { AssignedService } from "./assigned-service.ts";
import { openProjectorJobs, PROJECTOR_JOBS } from "./projector-jobs.ts";
import { READY_MAX_WAIT_MS, type Service, type ServiceContext } from "./service.ts";
import { UnitTries } from "./unit-tries.ts";

/** Writes the tables of the projections that are assigned to this instance. */
export async function openProjector(context: ServiceContext): Promise<Service> {
  const { variables, log, logger, metrics, telemetry, closers } = context;
  const database = await openGivenDatabase(
    variables.DATABASE_URL ?? "",
    variables.DATABASE_MIGRATOR_URL,
  );
  closers.add(() => database.close());
  metrics.watch("database", () => database.projector.query("SELECT 1"));
  const cache = await openCache(variables, "discovery", logger);
  closers.add(() => cache.close());
  metrics.watch("cache", () => cache.ping());
  /** By unit, those that do not wait for the log. */
  const projectors = new Map<string, Projector>();
  const tries = new UnitTries();
  const project = async (group: string, opened: () => void, signal: AbortSignal): Promise<void> => {
    const projector = createProjector({
      ...{ log, pool: database.projector, cache, logger },
      projections: PROJECTOR_UNITS.get(group) ?? [],
      observer: telemetry.projections,
      cacheSettings: cacheSettingsOf(variables),
    });
    projectors.set(group, projector);
    await runUntil(projector, opened, signal);
  };
  const jobs = async (opened: () => void, signal: AbortSignal): Promise<void> => {
    const worker = await openProjectorJobs(context, database.projector, undefined, signal);
    opened();
    await worker.run(signal);
  };
  const work: Work = async (unit, signal) => {
    const { group } = unit;
    const isJobs = group === PROJECTOR_JOBS;
    try {
      // The database is waited for inside; a log that does not answer ends the projector.
      await tries.run(
        unit,
        signal,
        (opened) => (isJobs ? jobs(opened, signal) : project(group, opened, signal)),
        ({ error, code }, retryInMs) => {
          projectors.delete(group);
          metrics.failed(group, code, true);
          logger.error({ err: error, unit: group, retryInMs }, "a projector waits for the log");
        },
      );
      return "released";
    } catch (error) {
      if (isProjectorError(error, "projector.fenced") || isLogError(error, "log.fenced")) {
        return "lost";
      }
      throw error;
    } finally {
      projectors.delete(group);
    }
  };
  const problemOf = async ([name, projector]: [string, Projector]): Promise<string | null> => {
    const outage = projector.outage();
    if (outage !== null) return `${name}: the database does not serve it (${outage.code})`;
    const ms = await waitingMs(log, projector.positions(), SYSTEM_CLOCK.nowMs());
    return ms <= READY_MAX_WAIT_MS ? null : `${name}: input has waited for ${Math.round(ms)} ms`;
  };
  return new AssignedService({
    context,
    work,
    units: [...PROJECTOR_UNITS.keys(), PROJECTOR_JOBS].map((group) => ({ group, partition: 0 })),
    problems: async () => {
      const problems = await Promise.all([...projectors].map(problemOf));
      return [...tries.problems(), ...problems.flatMap((problem) => problem ?? [])];
    },
  });
}

async function runUntil(
  projector: Projector,
  opened: () => void,
  signal: AbortSignal,
): Promise<void> {
  // `ended` tells how it stopped.
  const stop = (): void => void Promise.allSettled([projector.stop()]);
  signal.addEventListener("abort", stop, { once: true });
  try {
    await projector.start();
    opened();
    if (signal.aborted) stop();
    await projector.ended;
  } catch (error) {
    // A start that waits for the database ends with what it waited for.
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
