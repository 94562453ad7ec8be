import type { MockedProvider } from "@amc/mock-providers/mocked-variables";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { beforeAll, describe, expect, it } from "vitest";
import { BELIEVING, TWICE } from "./testing/broken-parts.ts";
import { type ExaminedDay, examinedDay } from "./testing/examined-day.ts";

/** A Monday on which every job of the requirements runs. */
const DATE = "2025-09-08";
/** From the last half hour of the session on: every provider is asked, and answers again before the end. */
const AFTERNOON = ["15:30", "20:15"] as const;
const SLOW = { timeout: 600_000 };

const outage = (provider: MockedProvider, from: string, until: string) => ({
  ...{ provider, fromMs: newYorkToUtc(DATE, from), untilMs: newYorkToUtc(DATE, until) },
});

describe("a simulated trading day", () => {
  it(
    "has every job at its instants, no budget exceeded, facts, rows and a true health",
    SLOW,
    async () => {
      const { seen, verdict } = await examinedDay(DATE, {});
      expect(verdict.problems).toEqual([]);
      // What an empty day would not have.
      expect(verdict.jobs.filter(({ expected }) => expected.length === 0)).toEqual([]);
      expect(verdict.providers.filter(({ requests }) => requests === 0)).toEqual([]);
      expect(Object.keys(seen.factRecords)).toEqual(expect.arrayContaining(TOLD));
      expect(
        Object.entries(seen.rows)
          .filter(([, count]) => count > 0)
          .map(([name]) => name),
      ).toEqual(expect.arrayContaining(FILLED));
    },
  );
});

const TOLD = [
  "market.price-tick.v1",
  "market.news.v1",
  "market.options.v1",
  "market.reference.v1",
  "short.interest.v1",
  "short.volume.v1",
];
const FILLED = [
  "discovery_runs",
  "job_runs",
  "hour_metrics",
  "provider_api_calls",
  "short_interest_data",
  "short_interest_jobs",
  "finra_reporting_schedule",
];

describe("the same afternoon with a provider that fails", () => {
  let sound: ExaminedDay;
  beforeAll(async () => {
    sound = await examinedDay(DATE, { hours: AFTERNOON });
  }, SLOW.timeout);

  it("control: is as it has to be while nobody fails", () => {
    expect(sound.verdict.problems).toEqual([]);
    expect(sound.verdict.providers.filter(({ requests }) => requests === 0)).toEqual([]);
  });

  it.each([
    ["finra_short", "19:45"],
    // The third attempt of Monday's reconciliation is at 18:30.
    ["finra_short", "18:30"],
    ["alpha_vantage", "19:45"],
    ["polygon", "19:45"],
    ["rss", "19:45"],
    ["yahoo", "19:45"],
  ] as const)(
    "keeps budgets, invents nothing, touches no other and is told by health: %s until %s",
    SLOW,
    async (provider, until) => {
      const down = outage(provider, "15:45", until);
      const { verdict } = await examinedDay(DATE, { hours: AFTERNOON, outage: down }, sound.seen);
      expect(verdict.problems).toEqual([]);
      const its = verdict.providers.find((each) => each.provider === provider);
      expect(its?.failed).toBeGreaterThan(0);
    },
  );
});

describe("a day of a broken build is not as it has to be", () => {
  const hours = ["18:15", "18:45"] as const;

  it("when its limits count nothing (control)", SLOW, async () => {
    const symbols = "AMC BB GME KOSS SIMA SIMB SIMC SIMD SIME SIMF SIMG SIMH SIMI SIMJ".split(" ");
    const environment = { YAHOO_FINANCE_RATE_LIMIT: "1000" };
    const { verdict } = await examinedDay(DATE, {
      hours: ["18:15", "18:15"],
      symbols,
      environment,
    });
    expect(verdict.problems).toContainEqual(
      expect.stringMatching(/^yahoo: \d+ requests within 200 ms/),
    );
  });

  it("when an instant is worked on twice (control)", SLOW, async () => {
    const { verdict } = await examinedDay(DATE, { hours, parts: TWICE });
    expect(verdict.problems).toContainEqual(
      expect.stringMatching(/^finra_daily_short_volume: was done twice at/),
    );
  });

  it("when its health believes everything (control)", SLOW, async () => {
    const down = outage("rss", "18:15", "19:00");
    const { verdict } = await examinedDay(DATE, { hours, outage: down, parts: BELIEVING });
    // Its breaker opens for as long as feeds are apart: which of two questions finds it open is left to jitter.
    expect(verdict.problems).toContainEqual(
      expect.stringMatching(/: rss is healthy \(.*(breaker open|8 of \d+ calls succeeded)/),
    );
  });
});
