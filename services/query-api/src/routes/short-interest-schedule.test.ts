import { DAY_MS } from "@amc/streams/market/calendar-date";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { scheduleRows } from "@amc/streams/short-interest/finra-calendar";
import { describe, expect, it } from "vitest";
import { DEFAULT_API_CONFIG } from "../config.ts";
import type { ProviderStanding, ReportingPeriod } from "../read-model/port.ts";
import { apiUnderTest } from "../testing/api-under-test.ts";
import { memoryReadModel } from "../testing/memory-read-model.ts";
import { story } from "../testing/story.ts";

// TV-FIN-17 to 19: 2025-08-15 is there, 2025-08-29 was to be published on 2025-09-10.
const HOUR_MS = 3_600_000;
const PROCESSED = "2025-08-15";
const SETTLED = "2025-08-29";

function periodsAt(nowMs: number): readonly ReportingPeriod[] {
  return scheduleRows(2025).map((row) => {
    const isPublic = newYorkToUtc(row.publishedDate, "18:00") <= nowMs;
    const processed = row.settlementDate === PROCESSED;
    const status = processed ? "processed" : isPublic ? "available" : "pending";
    return { ...row, status, notes: null };
  });
}

const FINRA: ProviderStanding = {
  ...{
    provider: "finra_short",
    simulated: false,
    calls: 0,
    successes: 0,
    rateLimited: 0,
    meanMs: null,
    p95Ms: null,
  },
  ...{
    lastCallAt: 1,
    lastSuccessAt: 1,
    breaker: null,
    breakerReason: null,
    autoRecoveryAt: null,
    spent: 0,
  },
};

interface Asked {
  readonly isFinraAsked: boolean;
  readonly bufferDays: number;
  readonly checkedAt: number;
  readonly withinHours: number;
  readonly unansweredSince: number | null;
}

async function asked(nowMs: number, options: Partial<Asked> = {}) {
  const { isFinraAsked = true, bufferDays = 2, checkedAt = nowMs, withinHours = 48 } = options;
  const { unansweredSince = null } = options;
  const providers = isFinraAsked ? [{ ...FINRA, lastSuccessAt: checkedAt }] : [];
  const schedule = periodsAt(nowMs);
  const app = await apiUnderTest({
    readModel: memoryReadModel({ story: story(), schedule, providers, unansweredSince }),
    nowMs: () => nowMs,
    config: {
      ...DEFAULT_API_CONFIG,
      finraBufferMs: bufferDays * DAY_MS,
      finraCheckedWithinMs: withinHours * HOUR_MS,
    },
  });
  try {
    const { data } = (await app.inject({ url: "/short-interest/schedule" })).json();
    const { components } = (await app.inject({ url: "/health" })).json();
    const { body: metrics } = await app.inject({ url: "/metrics" });
    return { data, component: components.short_interest, metrics };
  } finally {
    await app.close();
  }
}

describe("GET /short-interest/schedule", () => {
  it("R-API-24: says what was collected, and what comes next on which day", async () => {
    const { data } = await asked(newYorkToUtc("2025-09-09", "12:00"));
    expect(data).toMatchObject({
      collected: PROCESSED,
      next: { settlementDate: SETTLED, dueDate: "2025-09-03", publishedDate: "2025-09-10" },
      late: [],
    });
    expect(data.periods).toHaveLength(24);
    expect(data.periods[0]).toMatchObject({ settlementDate: "2025-01-15", status: "available" });
  });
});

describe("the metrics of short interest", () => {
  const published = newYorkToUtc("2025-09-10", "18:00");
  const seconds = (metrics: string, name: string) =>
    new RegExp(`^${name} (\\S+)$`, "m").exec(metrics)?.[1];

  it("R-MET-04: tell its age, and how long FINRA has owed the next report", async () => {
    // 2025-08-15 was public at 18:00 ET of 2025-08-26.
    const before = (await asked(published - 3_600_000)).metrics;
    expect(seconds(before, "amc_short_interest_data_age_seconds")).toBe(String(359 * 3_600));
    expect(seconds(before, "amc_finra_data_availability_delay_seconds")).toBe("0");
    const after = (await asked(published + 5 * 3_600_000)).metrics;
    expect(seconds(after, "amc_short_interest_data_age_seconds")).toBe(String(365 * 3_600));
    expect(seconds(after, "amc_finra_data_availability_delay_seconds")).toBe(String(5 * 3_600));
  });

  it("tell no delay where nobody asks FINRA, such as of a recording", async () => {
    const { metrics } = await asked(published + 5 * 3_600_000, { isFinraAsked: false });
    expect(seconds(metrics, "amc_finra_data_availability_delay_seconds")).toBeUndefined();
  });

  it("tell no age where nothing was collected: 0 would be new", async () => {
    const app = await apiUnderTest({ readModel: memoryReadModel({ story: story() }) });
    const { body } = await app.inject({ url: "/metrics" });
    await app.close();
    expect(seconds(body, "amc_short_interest_data_age_seconds")).toBeUndefined();
    expect(seconds(body, "amc_short_interest_coverage_ratio")).toBeUndefined();
  });
});

describe("the health of short interest", () => {
  const published = newYorkToUtc("2025-09-10", "18:00");

  it("is well until FINRA_BUFFER_DAYS after a publication, and degraded when FINRA is late", async () => {
    const onTime = await asked(published + 2 * DAY_MS);
    expect(onTime.component).toEqual({
      status: "healthy",
      detail: "newest settlement date 2025-08-15, 2025-09-15 comes on 2025-09-24",
    });
    const late = await asked(published + 2 * DAY_MS + 1);
    expect(late.data.late).toMatchObject([{ settlementDate: SETTLED }]);
    expect(late.component).toEqual({
      status: "degraded",
      detail:
        "FINRA is late with 2025-08-29, to be published on 2025-09-10; newest settlement date 2025-08-15",
    });
    const patient = await asked(published + 2 * DAY_MS + 1, { bufferDays: 5 });
    expect(patient.component.status).toBe("healthy");
  });

  it.each([
    // Wednesday to Friday; then over the weekend, whose days do not count, and over Labor Day beside one.
    ["2025-09-03", "10:00", "2025-09-05", "10:00"],
    ["2025-09-04", "18:30", "2025-09-08", "18:30"],
    ["2025-08-28", "18:30", "2025-09-02", "18:30"],
  ])(
    "is stale when FINRA has not answered for more than 48 hours of trading days from %s %s on (R-ING-18)",
    async (fromDate, fromTime, date, time) => {
      const checkedAt = newYorkToUtc(fromDate, fromTime);
      const at = newYorkToUtc(date, time);
      expect((await asked(at, { checkedAt })).component.status).toBe("healthy");
      const { component } = await asked(at + 1, { checkedAt });
      expect(component.status).toBe("degraded");
      expect(component.detail).toContain("stale: FINRA has not answered since 2025-0");
      const patient = await asked(at + 1, { checkedAt, withinHours: 72 });
      expect(patient.component.status).toBe("healthy");
    },
  );

  it("is stale when short interest is asked for in vain for more than 48 hours, whatever else FINRA answers", async () => {
    const unansweredSince = newYorkToUtc("2025-09-03", "10:00");
    const at = newYorkToUtc("2025-09-05", "10:00");
    expect((await asked(at, { unansweredSince })).component.status).toBe("healthy");
    const { component } = await asked(at + 1, { unansweredSince });
    expect(component).toEqual({
      status: "degraded",
      detail:
        "stale: FINRA has not answered about short interest (otcMarket/consolidatedShortInterest) since 2025-09-03T14:00:00.000Z; look at finra_api",
    });
  });

  it("waits for nothing where FINRA was never asked, as of a recording", async () => {
    const recorded = await asked(published + 400 * DAY_MS, { isFinraAsked: false });
    expect(recorded.component).toEqual({
      status: "not_configured",
      detail: "FINRA was never asked",
    });
    expect(recorded.data.late).toEqual([]);
  });
});
