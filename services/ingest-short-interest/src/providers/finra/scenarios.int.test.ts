import type { MockFailure, MockServer } from "@amc/mock-providers/mock-server";
import { startMockFinra } from "@amc/mock-providers/testing/start-mock-finra";
import { FAILURES } from "@amc/platform/http/testing/failing-server";
import {
  eventsOf,
  type ProviderUnderTest,
  providerUnderTest,
} from "@amc/platform/http/testing/provider-under-test";
import { appendFacts } from "@amc/platform/log/append-facts";
import { afterEach, describe, expect, it } from "vitest";
import { Finra, type FinraDatasets } from "./finra.ts";

const SETTLEMENT = "2025-08-29";
const TRADE_DATE = "2025-09-05";
/** Nothing but an answer that never ends takes so long, however busy the machine. */
const PATIENT_MS = 120_000;
const START_MS = Date.UTC(2025, 8, 12, 14);
/** Those of the planning documents (C-07). */
const SEED_DATASETS: FinraDatasets = {
  shortInterest: "SHORT_INTEREST",
  shortVolume: "DAILY_SHORT_VOLUME",
};

const interest = Array.from({ length: 130 }, (_, index) => ({
  ...{ symbolCode: `S${index}`, settlementDate: SETTLEMENT },
  ...{ currentShortPositionQuantity: 1_000 + index, previousShortPositionQuantity: 900 },
  ...{ averageDailyVolumeQuantity: 500, daysToCoverQuantity: 2, revisionFlag: "" },
}));
const volume = ["NQ", "NY"].flatMap((reportingFacilityCode, facility) =>
  Array.from({ length: 60 }, (_, index) => ({
    ...{ tradeReportDate: TRADE_DATE, reportingFacilityCode, marketCode: "Q" },
    securitiesInformationProcessorSymbolIdentifier: `S${index}`,
    ...{ shortParQuantity: 100, shortExemptParQuantity: 0, totalParQuantity: 300 + facility },
  })),
);

/** A day of FINRA behind the policy of all calls out, and what came of it in the log. */
class Day {
  readonly mock: MockServer;
  readonly under: ProviderUnderTest;
  readonly finra: Finra;

  constructor(mock: MockServer, datasets?: FinraDatasets, deadlineMs = PATIENT_MS) {
    this.mock = mock;
    const limits = { deadlineMs };
    this.under = providerUnderTest("finra_short", mock.origin, { startMs: START_MS, limits });
    const { client } = this.under;
    const urls = { apiUrl: `${mock.origin}/name`, filesUrl: mock.origin };
    this.finra = new Finra({
      ...{ client, ...urls, pageRows: 50 },
      ...(datasets === undefined ? {} : { datasets }),
    });
  }

  /** Collects both data sets; the code of what failed, or how many facts there are. */
  async collect(): Promise<(string | number)[]> {
    const results: (string | number)[] = [];
    for (const pass of [
      () => this.finra.shortInterest(SETTLEMENT),
      () => this.finra.shortVolume(TRADE_DATE),
    ]) {
      try {
        const { facts } = await pass();
        await appendFacts(this.under.log, facts, "/amc/test");
        results.push(facts.length);
      } catch (error) {
        results.push(error instanceof Error && "code" in error ? String(error.code) : "unknown");
      }
    }
    return results;
  }

  /** What is in the log, and whether every request of the mock is. */
  async found() {
    const { log } = this.under;
    const calls = await eventsOf(log, "ops.provider-call.v1");
    const changes = await eventsOf(log, "ops.circuit-breaker.v1");
    return {
      facts: (await eventsOf(log, "short.interest.v1")).length,
      volumes: (await eventsOf(log, "short.volume.v1")).length,
      calls: calls.length,
      unrecorded: this.mock.requests() - calls.length,
      failed: calls.filter(({ success }) => !success).length,
      rateLimited: calls.filter(({ rateLimited }) => rateLimited).length,
      breaker: changes.map(({ change }) => change),
    };
  }
}

describe("a collection from FINRA (R-TST-16)", () => {
  const days: Day[] = [];
  const data = { datasets: { consolidatedShortInterest: interest, regShoDaily: volume } };
  const start = async (...failures: readonly MockFailure[]) => {
    const day = new Day(await startMockFinra(data));
    days.push(day);
    day.mock.failNext(...failures);
    return day;
  };
  afterEach(async () => {
    for (const { under, mock } of days.splice(0)) {
      await under.close();
      await mock.close();
    }
  });
  const WHOLE = { facts: 130, volumes: 60, unrecorded: 0 };

  it("happy path: reads the whole market page by page, and marks what a mock said", async () => {
    const day = await start();
    expect(await day.collect()).toEqual([130, 60]);
    expect(await day.found()).toEqual({
      ...WHOLE,
      calls: 6,
      failed: 0,
      rateLimited: 0,
      breaker: [],
    });
    const facts = await eventsOf(day.under.log, "short.volume.v1");
    expect(facts.every(({ simulated }) => simulated)).toBe(true);
    expect(facts[0]).toMatchObject({ shortVolume: 200, totalVolume: 601, confidence: 0.9 });
  });

  it("happy path: the planning documents' names and shape work through the map of data sets", async () => {
    const datasets = { SHORT_INTEREST: interest, DAILY_SHORT_VOLUME: volume };
    const day = new Day(await startMockFinra({ datasets, wrapped: true }), SEED_DATASETS);
    days.push(day);
    expect(await day.collect()).toEqual([130, 60]);
  });

  it("rate limits: waits as told, loses nothing and stays within its budget", async () => {
    const day = await start({ status: 429, retryAfter: 20 }, { status: 429 });
    expect(await day.collect()).toEqual([130, 60]);
    expect(await day.found()).toMatchObject({ ...WHOLE, calls: 8, rateLimited: 2, breaker: [] });
    expect(day.under.clock.elapsedMs()).toBeGreaterThanOrEqual(24_000);
  });

  it("rate limits: a limit that stays opens the breaker, and no page of 429 becomes a fact", async () => {
    const day = await start(...new Array<MockFailure>(20).fill({ status: 429 }));
    for (let rounds = 0; rounds < 5; rounds += 1) await day.collect();
    const found = { facts: 0, volumes: 0, calls: 3, unrecorded: 0, rateLimited: 3 };
    expect(await day.found()).toMatchObject({ ...found, breaker: ["OPENED"] });
  });

  it("provider failure: asks three times, then not for 300 s, then takes up where it failed", async () => {
    const day = await start(...new Array<MockFailure>(3).fill({ status: 500 }));
    expect(await day.collect()).toEqual(["provider.unavailable", "provider.circuit-open"]);
    expect(day.mock.requests()).toBe(3);
    day.under.clock.advance(299_000);
    expect(await day.collect()).toEqual(["provider.circuit-open", "provider.circuit-open"]);
    expect(day.mock.requests()).toBe(3);
    day.under.clock.advance(1_000);
    expect(await day.collect()).toEqual([130, 60]);
    const breaker = ["OPENED", "HALF_OPENED", "CLOSED"];
    expect(await day.found()).toMatchObject({ ...WHOLE, calls: 9, failed: 3, breaker });
  });

  it("provider failure: a page that fails in the middle leaves no sum over half of the facilities", async () => {
    const day = await start("data", "data", { status: 404 });
    await expect(day.finra.shortVolume(TRADE_DATE)).rejects.toMatchObject({
      code: "provider.not-found",
      facts: { endpoint: "otcMarket/regShoDaily" },
    });
    expect(await day.found()).toMatchObject({ volumes: 0, calls: 3, failed: 1 });
    expect(await day.collect()).toEqual([130, 60]);
  });

  it.each(Object.keys(FAILURES))(
    "network trouble: an answer that is %s becomes no fact",
    async (name) => {
      // Every sending of the first pass fails; the second finds the breaker open, or works.
      const endless = /^(never|begun|endless, a byte)/.test(name);
      const day = new Day(await startMockFinra(data), undefined, endless ? 500 : PATIENT_MS);
      days.push(day);
      const fail: MockFailure = (response) => FAILURES[name]?.(response, 2);
      day.mock.failNext(...new Array<MockFailure>(3).fill(fail));
      const [first] = await day.collect();
      expect(String(first)).toMatch(/^provider\./);
      const { facts, unrecorded, failed } = await day.found();
      const redirects = name.startsWith("a redirect");
      expect({ facts, failed: failed > 0 }).toEqual({ facts: 0, failed: true });
      // A redirect is several requests of one call.
      if (!redirects) expect(unrecorded).toBe(0);
    },
  );
});
