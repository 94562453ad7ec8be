import { SYSTEM_CLOCK } from "@amc/platform/clock";
import { loadConfig } from "@amc/platform/config/load-config";
import { createMemoryLog } from "@amc/platform/log/memory";
import { createLogger } from "@amc/platform/logger";
import { ProcessMetrics } from "@amc/platform/metrics/process-metrics";
import { systemLayout } from "@amc/platform/runtime/layout";
import { openTelemetry } from "@amc/platform/telemetry";
import { expect, it } from "vitest";
import { Printer } from "../output/printer.ts";
import { openRecording } from "../recordings.ts";
import { RECORDED_DATA } from "../testing/recorded-data.ts";
import { ingestWork } from "./ingest-service.ts";
import { UnitTries } from "./unit-tries.ts";

it("ingest that is asked to end while it still surveys its recording lets go of it in order", async () => {
  const log = createMemoryLog(systemLayout(1), () => 0);
  const logger = createLogger("fatal");
  const metrics = new ProcessMetrics(SYSTEM_CLOCK.nowMs);
  const variables = loadConfig({});
  const telemetry = openTelemetry({ variables, logger, clock: SYSTEM_CLOCK, log, metrics });
  const recording = await openRecording("built-in", RECORDED_DATA);
  const context = { log, logger, metrics, telemetry, printer: new Printer(true), recording };
  const stop = new AbortController();
  const end = ingestWork(context, new UnitTries())(
    { group: "ingest-recordings", partition: 0 },
    stop.signal,
  );
  stop.abort();
  expect(await end).toBe("released");
  expect(await log.endOffset("ops.clock.v1", 0)).toBe(0);
  await telemetry.close();
});
