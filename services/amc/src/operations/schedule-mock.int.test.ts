import { scheduleJobs } from "@amc/ingest-short-interest/collection/schedule-check";
import { loadConfig } from "@amc/platform/config/load-config";
import { SCHEDULE_ENDPOINT } from "@amc/platform/http/finra-endpoints";
import { eventsOf } from "@amc/platform/http/testing/provider-under-test";
import { virtualClock } from "@amc/platform/http/testing/virtual-clock";
import { appendNewFacts } from "@amc/platform/log/append-new-facts";
import { createMemoryLog } from "@amc/platform/log/memory";
import { TOPIC_NAMES } from "@amc/schemas/topics";
import { DAY_MS } from "@amc/streams/market/calendar-date";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { shortInterestFact } from "@amc/streams/testing/symbol-facts";
import { describe, expect, it } from "vitest";
import { openFinra, openFinraSchedule } from "./finra-schedule.ts";
import { accessProvider } from "./provider-access.ts";

const AT = newYorkToUtc("2025-09-03", "09:00");

describe("FINRA's page of reporting dates, mocked (R-ENV-17)", () => {
  it.each([
    { FINRA_SCHEDULE_MOCK: "true" },
    { MOCK_FINRA_DATA_ENABLED: "true" },
    { TEST_MODE: "true" },
  ])(
    "is compared with the calendar under %j, without a network, and the call is marked",
    async (environment) => {
      const clock = virtualClock(AT);
      const log = createMemoryLog(
        TOPIC_NAMES.map((topic) => ({ topic, partitions: 1 })),
        clock.nowMs,
      );
      const access = await accessProvider({
        ...{ provider: "finra_short", variables: loadConfig(environment), log, clock },
        ...{ source: "/amc/test", isAboutSchedule: true, states: [] },
        baseUrls: ({ FINRA_SCHEDULE_URL: url }) => [url],
      });
      try {
        const { client, variables } = access;
        const { FINRA_SCHEDULE_URL: url } = variables;
        const jobs = scheduleJobs({
          log,
          client,
          url,
          isEnabled: true,
          onChecked: () => undefined,
        });
        const lease = await log.acquire("jobs.short-interest", 0);
        const outcome = await jobs.get("check-finra-schedule")?.(
          AT,
          new AbortController().signal,
          lease,
        );
        expect(outcome).toEqual({ processed: 24, successful: 24, failed: 0 });
        expect(await eventsOf(log, "ops.provider-call.v1")).toMatchObject([
          { endpoint: SCHEDULE_ENDPOINT, success: true, simulated: true },
        ]);
      } finally {
        await access.close();
      }
    },
  );

  it("alone leaves FINRA's data real, beside the real ones that the log has", async () => {
    const clock = virtualClock(AT);
    const log = createMemoryLog(
      TOPIC_NAMES.map((topic) => ({ topic, partitions: 1 })),
      clock.nowMs,
    );
    await appendNewFacts(log, [shortInterestFact(AT - DAY_MS, { simulated: false })], "/amc/test");
    const variables = loadConfig({ FINRA_SCHEDULE_MOCK: "true" });
    const asking = { variables, log, clock };
    const finra = await openFinra(asking);
    const page = await openFinraSchedule(asking, finra);
    await page.close();
    await finra.close();
    expect([finra.client.simulated, page.client.simulated]).toEqual([false, true]);
    expect(finra.variables.FINRA_API_BASE_URL).toBe(variables.FINRA_API_BASE_URL);
    expect(page.variables.FINRA_SCHEDULE_URL).not.toBe(variables.FINRA_SCHEDULE_URL);
    // Those of a mock must not come among them.
    const mocked = { ...asking, variables: loadConfig({ MOCK_FINRA_DATA_ENABLED: "true" }) };
    await expect(openFinra(mocked)).rejects.toThrow("the log has real facts in short.interest.v1");
  });
});
