import type { Membership, UnitWorker } from "@amc/platform/assignment/membership";
import { type Unit, unitName } from "@amc/platform/assignment/unit";
import { SYSTEM_CLOCK } from "@amc/platform/clock";
import { loadConfig } from "@amc/platform/config/load-config";
import type { ServiceRole } from "@amc/platform/config/roles";
import { WAITING_CLOCK } from "@amc/platform/http/waiting-clock";
import { LogError } from "@amc/platform/log/errors";
import { createMemoryLog } from "@amc/platform/log/memory";
import type { Log } from "@amc/platform/log/port";
import { createLogger } from "@amc/platform/logger";
import { ProcessMetrics } from "@amc/platform/metrics/process-metrics";
import { serveOperations } from "@amc/platform/operations-server/operations-server";
import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import { systemLayout } from "@amc/platform/runtime/layout";
import { openTelemetry } from "@amc/platform/telemetry";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Closers } from "../closers.ts";
import { Printer } from "../output/printer.ts";
import { openRecording } from "../recordings.ts";
import { untilStopped } from "../stop-signal.ts";
import { alteredLog } from "../testing/altered-log.ts";
import { RECORDED_DATA } from "../testing/recorded-data.ts";
import { openAlerts } from "./alerts-service.ts";
import { openIngest } from "./ingest-service.ts";
import { openLive } from "./live-service.ts";
import { PROJECTOR_JOBS } from "./projector-jobs.ts";
import { openProjector } from "./projector-service.ts";
import { openScheduler } from "./scheduler-service.ts";
import type { Service, ServiceContext } from "./service.ts";
import { openShortInterest } from "./short-interest-service.ts";

/** A group of one, which has all units, or none beside somebody who has them. */
function groupOf(units: readonly Unit[]): Membership {
  return {
    run: async (worker: UnitWorker, signal) => {
      await worker.take(units);
      await untilStopped(signal);
      await worker.take([]);
    },
    standing: () => ({ isMember: true, reason: null, units, rebalances: 1 }),
  };
}

const ROLES: readonly (readonly [ServiceRole, (context: ServiceContext) => Promise<Service>])[] = [
  ["ingest", openIngest],
  ["projector", openProjector],
  ["alerts", openAlerts],
  ["scheduler", openScheduler],
  ["short-interest", openShortInterest],
  ["live", openLive],
];

describe("/readyz of a service whose units cannot be taken over from the log", () => {
  let database: TestDatabase;
  let closers: Closers;
  beforeAll(async () => {
    database = await startTestPostgres();
  });
  afterEach(() => closers.close());
  afterAll(() => database.drop());

  async function contextOf(role: ServiceRole, log: Log): Promise<ServiceContext> {
    closers = new Closers();
    const variables = loadConfig({
      ...{ DATABASE_URL: database.url("migrator"), LIVE_UNIVERSE: "GME", TEST_MODE: "true" },
    });
    const logger = createLogger("fatal");
    const metrics = new ProcessMetrics(SYSTEM_CLOCK.nowMs);
    const telemetry = openTelemetry({ variables, logger, clock: SYSTEM_CLOCK, log, metrics });
    closers.add(() => telemetry.close());
    return {
      ...{ role, instance: 0, variables, log, logger, metrics, telemetry, closers },
      ...{ printer: new Printer(true), clock: WAITING_CLOCK },
      recording: await openRecording("built-in", RECORDED_DATA),
    };
  }

  /** What a probe of the running service is told; of one that has done its work, that it has. */
  async function serve(service: Service) {
    const stop = new AbortController();
    let isDone = false;
    const running = service.run(stop.signal).then(() => {
      isDone = true;
    });
    closers.add(async () => {
      stop.abort();
      await running;
    });
    const ready = async () =>
      (await service.ready?.()) ?? { ready: false, reasons: ["cannot be asked"] };
    const probes = await serveOperations({
      ...{ host: "127.0.0.1", port: 0 },
      operations: { live: () => true, ready, metrics: async () => "", metricsType: "text/plain" },
    });
    closers.add(() => probes.close());
    return async () => {
      const response = await fetch(`${probes.address}/readyz`);
      return isDone ? "done" : `${response.status} ${await response.text()}`;
    };
  }

  it.each(ROLES)("of %s says so, with the code, until they can", async (role, open) => {
    const memory = createMemoryLog(systemLayout(1), SYSTEM_CLOCK.nowMs);
    let isAway = true;
    const log = alteredLog(memory, {
      acquire: async (...unit) => {
        if (isAway) throw new LogError("log.unavailable", "the coordinator is away");
        return await memory.acquire(...unit);
      },
    });
    let names: readonly string[] = [];
    const membership = (units: readonly Unit[]): Membership => {
      // Projections are taken over from the database.
      const fromLog = units.filter(({ group }) => role !== "projector" || group === PROJECTOR_JOBS);
      names = fromLog.map(unitName);
      return groupOf(units);
    };
    const told = await serve(await open({ ...(await contextOf(role, log)), membership }));
    const patience = { interval: 20, timeout: 30_000 };
    const unnamed = async () => {
      const text = await told();
      const isNamed = (name: string) => text.includes(`"${name}: fails with log.unavailable"`);
      return text.startsWith("503") ? names.filter((name) => !isNamed(name)) : [text];
    };
    await expect.poll(unnamed, patience).toEqual([]);
    expect(names).not.toEqual([]);
    isAway = false;
    await expect.poll(told, patience).toMatch(/^200 .*"ready":true|^done$/);
  });

  it.each(ROLES)("of %s is ready as a standby, which has none", async (role, open) => {
    const log = createMemoryLog(systemLayout(1), SYSTEM_CLOCK.nowMs);
    const context = { ...(await contextOf(role, log)), membership: () => groupOf([]) };
    const told = await serve(await open(context));
    expect(await told()).toBe('200 {"ready":true,"reasons":[]}');
  });
});
