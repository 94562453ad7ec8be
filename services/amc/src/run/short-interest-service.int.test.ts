import { ConfigError } from "@amc/platform/config/config-error";
import { loadConfig } from "@amc/platform/config/load-config";
import { virtualClock } from "@amc/platform/http/testing/virtual-clock";
import { appendNewFacts } from "@amc/platform/log/append-new-facts";
import { createMemoryLog } from "@amc/platform/log/memory";
import type { Log } from "@amc/platform/log/port";
import { createLogger } from "@amc/platform/logger";
import { systemLayout } from "@amc/platform/runtime/layout";
import { openTelemetry } from "@amc/platform/telemetry";
import type { WorkGroupName } from "@amc/schemas/work-groups";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { optionsFact } from "@amc/streams/testing/symbol-facts";
import { describe, expect, it, vi } from "vitest";
import { shortInterestWork } from "./short-interest-service.ts";
import { UnitTries } from "./unit-tries.ts";

const AT = newYorkToUtc("2025-09-05", "19:00");

/** A log with options of the evening before, made up or not. */
async function logWithOptions(simulated: boolean): Promise<Log> {
  const log = createMemoryLog(systemLayout(1), () => AT);
  await appendNewFacts(log, [optionsFact(AT - 86_400_000, { simulated })], "/amc/test");
  return log;
}

/** Collects until the jobs are taken, and says how that ended. */
async function collect(
  log: Log,
  group: WorkGroupName,
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  const clock = virtualClock(AT);
  const variables = loadConfig(environment);
  const logger = createLogger("fatal");
  const telemetry = openTelemetry({ variables, logger, clock, log });
  const stop = new AbortController();
  const acquire = log.acquire.bind(log);
  const taken = Object.assign(log, {
    acquire: (...of: Parameters<Log["acquire"]>) => {
      stop.abort();
      return acquire(...of);
    },
  });
  const { metrics } = telemetry;
  const context = { variables, log: taken, logger, clock, metrics, telemetry };
  return await shortInterestWork(context, new UnitTries())({ group, partition: 0 }, stop.signal);
}

/** A mock that is left open stays among the servers of this process; one that is closed goes in a moment. */
const nobodyListens = () =>
  vi.waitFor(() => expect(process.getActiveResourcesInfo()).not.toContain("TCPServerWrap"));

describe("the collection of options", () => {
  it("of a mocked Yahoo goes on behind the evening before, without a key of Alpha Vantage", async () => {
    const log = await logWithOptions(true);
    const mocked = { YAHOO_FINANCE_MOCK: "true" };
    expect(await collect(log, "jobs.options", mocked)).toBe("released");
    // With a key it would be asked, and state what is real.
    const withKey = { ...mocked, ALPHA_VANTAGE_API_KEY: "key" };
    await expect(collect(log, "jobs.options", withKey)).rejects.toThrow(ConfigError);
    await nobodyListens();
  });

  it("leaves nothing open where its second source does not open", async () => {
    const log = await logWithOptions(true);
    const mocked = { MOCK_ALPHA_VANTAGE_DATA_ENABLED: "true" };
    await expect(collect(log, "jobs.options", mocked)).rejects.toThrow("real ones of yahoo");
    await nobodyListens();
  });
});

describe("the collection from FINRA", () => {
  it("leaves nothing open where FINRA's page of reporting dates does not open", async () => {
    const log = createMemoryLog(systemLayout(1), () => AT);
    let looks = 0;
    const offsetAtTime = log.offsetAtTime.bind(log);
    const failing = Object.assign(log, {
      // Calls of before are looked for once for the data, and once for the page.
      offsetAtTime: async (...of: Parameters<Log["offsetAtTime"]>) => {
        looks += 1;
        if (looks > 1) throw new TypeError("a defect");
        return await offsetAtTime(...of);
      },
    });
    const page = { FINRA_SCHEDULE_MOCK: "true" };
    await expect(collect(failing, "jobs.short-interest", page)).rejects.toThrow("a defect");
    await nobodyListens();
  });
});
