import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import type { ShortQuality } from "@amc/schemas/generated/events";
import { DAY_MS } from "@amc/streams/market/calendar-date";
import { features } from "@amc/streams/testing/projected-events";
import { shortQuality } from "@amc/streams/testing/short-quality-events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { insertEvent } from "../testing/insert-story.ts";
import type { SymbolQuery } from "./port.ts";
import { createPostgresReadModel } from "./postgres-read-model.ts";

const JUDGED = shortQuality().value.happenedAt;
const NOW = new Date(JUDGED + 10 * DAY_MS);
const old = { firstPublishedAt: JUDGED - 15 * DAY_MS, happenedAt: JUDGED - 15 * DAY_MS };

/** GME twice, judged again; the others once each, for one reason each. */
const EVENTS: readonly Partial<ShortQuality>[] = [
  { ...old, settlementDate: "2020-12-31", usable: false, usableUntil: null },
  {},
  { source: "yahoo", leading: false, usable: false },
  { symbol: "KOSS", usable: false, usableUntil: null, exclusions: ["thinly-traded"] },
  { symbol: "NOK", ...old },
  { symbol: "BB", usableUntil: NOW.getTime() },
  { symbol: "OTCX" },
];

/** What is known of the price of each; FINRA reports OTCX, and nobody sends us a price of it. */
const PRICES: Readonly<Record<string, Parameters<typeof features>[0]>> = {
  GME: { price: 20 },
  KOSS: { price: 20 },
  NOK: { price: 20, simulated: true },
  BB: { prevClose: 5 },
  AMC: { price: 20 },
  OTCX: {},
};

describe("judged short interest in PostgreSQL", () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await startTestPostgres();
    const pool = database.pool("projector");
    for (const known of EVENTS) await insertEvent(pool, shortQuality(known), new Map());
    for (const [symbol, known] of Object.entries(PRICES)) {
      const event = features({ symbol, happenedAt: NOW.getTime(), ...known });
      await insertEvent(pool, event, new Map());
    }
  });
  afterAll(() => database.drop());

  const read = () => createPostgresReadModel(database.pool("api"));
  const history = (known: Partial<SymbolQuery>) =>
    read().read((view) =>
      view.shortInterest({
        ...{ symbol: "GME", limit: 10, after: null, asOfMs: null, fromMs: null, toMs: null },
        ...known,
      }),
    );

  it("is read as it was judged, newest first", async () => {
    const all = await history({});
    expect(all.map(({ event }) => [event.settlementDate, event.leading])).toEqual(
      expect.arrayContaining([
        ["2021-01-15", true],
        ["2021-01-15", false],
        ["2020-12-31", true],
      ]),
    );
    expect(all).toContainEqual({ id: shortQuality().id, event: shortQuality().value });
    expect(all.at(-1)?.event.settlementDate).toBe("2020-12-31");
  });

  it("has FINRA's periods, oldest first", async () => {
    const pool = database.pool("projector");
    for (const [settled, due, published, status] of [
      ["2021-01-29", "2021-02-02", "2021-02-09", "pending"],
      ["2021-01-15", "2021-01-20", "2021-01-27", "processed"],
    ]) {
      await pool.query(
        "INSERT INTO finra_reporting_schedule (settlement_date, due_date, published_date, status) VALUES ($1, $2, $3, $4)",
        [settled, due, published, status],
      );
    }
    const periods = await read().read((view) => view.reportingSchedule());
    expect(periods).toMatchObject([
      { settlementDate: "2021-01-15", publishedDate: "2021-01-27", status: "processed" },
      { settlementDate: "2021-01-29", dueDate: "2021-02-02", notes: null },
    ]);
  });

  it("is what was known at an instant", async () => {
    const before = await history({ asOfMs: JUDGED - 1 });
    expect(before.map(({ event }) => event.settlementDate)).toEqual(["2020-12-31"]);
  });

  it("R-SI-16: covers two of five symbols: those whose newest report is usable now, none without a price", async () => {
    expect(await read().read((view) => view.shortInterestCoverage(14 * DAY_MS))).toEqual({
      atMs: NOW.getTime(),
      tracked: 5,
      reported: 4,
      // GME and NOK; KOSS is thinly traded, BB is as old as it may be, AMC has none.
      usable: 2,
      // Not NOK, published 25 days before.
      fresh: 3,
      thinlyTraded: 1,
      simulated: true,
    });
    const patient = await read().read((view) => view.shortInterestCoverage(30 * DAY_MS));
    expect(patient.fresh).toBe(4);
    const priced = await read().read((view) => view.latestFeatures());
    expect(priced.map(({ event }) => event.symbol)).not.toContain("OTCX");
    expect(priced).toHaveLength(5);
  });
});
