/**
 * The scheduler's service at a recorded time, to be asked to end: `SchedulerTask` as JSON, the stack as the
 * environment. It says what `amc run scheduler` says and ends as that does; the broken build forgets
 * which instants were published before it.
 */
import { SYSTEM_CLOCK } from "@amc/platform/clock";
import { loadProcessConfig } from "@amc/platform/config/load-config";
import { WAITING_CLOCK, type WaitingClock } from "@amc/platform/http/waiting-clock";
import { createLogger } from "@amc/platform/logger";
import { ProcessMetrics } from "@amc/platform/metrics/process-metrics";
import { openTelemetry } from "@amc/platform/telemetry";
import { forgetfulLog } from "@amc/scheduler/testing/ticks-of";
import { Closers } from "../../closers.ts";
import { Printer } from "../../output/printer.ts";
import { openRecording } from "../../recordings.ts";
import { openScheduler } from "../../run/scheduler-service.ts";
import { openServiceLog } from "../../run/service-log.ts";
import { stopSignal } from "../../stop-signal.ts";
import { RECORDED_DATA } from "../../testing/recorded-data.ts";
import type { SchedulerTask } from "./terminated-scheduler.ts";

const task: SchedulerTask = JSON.parse(process.argv[2] ?? "");
const PLACE = { role: "scheduler", instance: 0 } as const;

/** Time that begins at an instant of the past and passes faster than it does. */
function recordedClock({ fromMs, speed }: SchedulerTask): WaitingClock {
  const startedMs = SYSTEM_CLOCK.elapsedMs();
  const passedMs = () => (SYSTEM_CLOCK.elapsedMs() - startedMs) * speed;
  return {
    nowMs: () => fromMs + passedMs(),
    elapsedMs: passedMs,
    sleep: (ms, signal) => WAITING_CLOCK.sleep(ms / speed, signal),
  };
}

const signal = stopSignal();
const closers = new Closers();
const variables = loadProcessConfig("scheduler");
const logger = createLogger(variables.LOG_LEVEL);
const metrics = new ProcessMetrics(SYSTEM_CLOCK.nowMs);
const printer = new Printer(true);
try {
  const real = await openServiceLog(variables, { ...PLACE, onRestored: () => undefined });
  closers.add(() => real.close());
  const log = task.build === "sound" ? real : forgetfulLog(real);
  const telemetry = openTelemetry({ variables, logger, clock: SYSTEM_CLOCK, log, metrics });
  closers.add(() => telemetry.close());
  const service = await openScheduler({
    ...PLACE,
    ...{ variables, log, metrics, telemetry, logger, printer, closers },
    clock: recordedClock(task),
    recording: await openRecording("built-in", RECORDED_DATA),
  });
  printer.line({ type: "service", service: PLACE.role, pid: process.pid }, null);
  await service.run(signal);
} finally {
  await closers.close();
}
