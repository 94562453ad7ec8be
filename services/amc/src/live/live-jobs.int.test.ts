import { Finra } from "@amc/ingest-short-interest/providers/finra/finra";
import { loadConfig } from "@amc/platform/config/load-config";
import { type LocalServer, startServer } from "@amc/platform/http/mock/local-server";
import { openProvider } from "@amc/platform/http/open-provider";
import { jobTick } from "@amc/platform/jobs/testing/job-tick";
import { createMemoryLog } from "@amc/platform/log/memory";
import type { Log } from "@amc/platform/log/port";
import { createLogger } from "@amc/platform/logger";
import { systemLayout } from "@amc/platform/runtime/layout";
import { openTelemetry } from "@amc/platform/telemetry";
import { recordsOf } from "@amc/replay/log-digests";
import { decodeEvent } from "@amc/schemas/codec";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { afterEach, describe, expect, it } from "vitest";
import type { JsonLine } from "../output/lines.ts";
import { CHANGED_PERIOD, changedPage, clockOfCheck } from "../testing/changed-schedule.ts";
import { liveJobs, openLiveJobs } from "./live-jobs.ts";

const AT = newYorkToUtc("2025-09-03", "09:00");
const JOB = "check-finra-schedule";

describe("FINRA's page of reporting dates at 09:00, live", () => {
  let finra: LocalServer;
  afterEach(() => finra.close());

  /** Does the check that is asked for, with its retries; what the terminal and the operators are told. */
  async function check(page: string, given: Readonly<Record<string, string>> = {}) {
    finra = await startServer((_path, response) => {
      response.writeHead(200, { "content-type": "text/html" });
      response.end(page);
    });
    const { origin } = finra;
    const clock = clockOfCheck(AT);
    const log = createMemoryLog(systemLayout(1), clock.nowMs);
    await log.commit({ appends: [jobTick(JOB, AT)] });
    const url = `${origin}/schedule`;
    const variables = loadConfig({ FINRA_SCHEDULE_URL: url, LOG_LEVEL: "fatal", ...given });
    const opened = await openProvider({
      ...{ provider: "finra_short", variables, log, clock, source: "/t", baseUrls: [url] },
    });
    const { client } = opened;
    const sources = {
      finra: new Finra({ client, apiUrl: origin, filesUrl: origin, memoryBytes: 1e8 }),
      schedulePage: { client, url },
    };
    const lines: JsonLine[] = [];
    const unreachable: string[] = [];
    const told = {
      printer: { line: (json: JsonLine | null) => lines.push(...(json === null ? [] : [json])) },
      teller: {
        unreachable: (provider: string) => unreachable.push(provider),
        answersAgain: () => undefined,
        unknown: () => undefined,
      },
    };
    const telemetry = openTelemetry({ variables, logger: createLogger("fatal"), clock, log });
    const options = { ...{ log, telemetry, variables, clock, sources }, ...told };
    const worker = await openLiveJobs(options, liveJobs(options));
    await worker.workOff(new AbortController().signal);
    await opened.close();
    return { lines, unreachable, alerts: await alertsIn(log) };
  }

  async function alertsIn(log: Log) {
    const found: unknown[] = [];
    for await (const { value } of recordsOf(log, "ops.alert-raised.v1")) {
      const decoded = decodeEvent("ops.alert-raised.v1", value ?? new Uint8Array());
      found.push(decoded.ok ? decoded.value : null);
    }
    return found;
  }

  it("is told at the terminal and to the operators once when it says other dates than the calendar", async () => {
    const { lines, alerts, unreachable } = await check(changedPage());
    expect(finra.requests()).toBe(3);
    expect(lines).toEqual([
      {
        ...{ type: "schedule", provider: "finra_short", periods: null, code: "schedule.differs" },
        message: expect.stringContaining(CHANGED_PERIOD),
      },
    ]);
    expect(alerts).toMatchObject([{ kind: "schedule.differs", simulated: false }]);
    expect(unreachable).toEqual([]);
  });

  it("is told as that of the calendar when it is, to nobody else", async () => {
    const same = changedPage().replace("2025-09-18", "2025-09-17");
    const { lines, alerts } = await check(same);
    expect(lines).toEqual([
      { type: "schedule", provider: "finra_short", periods: 24, code: null, message: null },
    ]);
    expect(alerts).toEqual([]);
  });

  it("is asked for by nobody where FINRA_SCHEDULE_CHECK_ENABLED is off", async () => {
    const { lines, alerts } = await check(changedPage(), { FINRA_SCHEDULE_CHECK_ENABLED: "false" });
    expect([finra.requests(), lines, alerts]).toEqual([0, [], []]);
  });
});
