import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { PriceTick } from "@amc/schemas/generated/events";
import { describe, expect, it } from "vitest";
import {
  DATA_ROOT,
  eastern,
  HAS_DATA,
  manifestOf,
  readAll,
  recording,
  valuesOf,
} from "../testing/fixtures.ts";

/** Every trap that the README of the recorded data names, against the files themselves. */

async function ticksOf(name: string, source: string): Promise<PriceTick[]> {
  const { facts } = await readAll(await recording(name), DATA_ROOT, source);
  return valuesOf(facts, "market.price-tick.v1");
}

async function barsOf(source: object): Promise<PriceTick[]> {
  const manifest = manifestOf({
    sources: [{ name: "bars", format: "delimited", kind: "bar", ...source }],
  });
  const { facts, rejected } = await readAll(manifest, DATA_ROOT);
  expect(rejected).toEqual([]);
  return valuesOf(facts, "market.price-tick.v1");
}

function endingAt(ticks: readonly PriceTick[], at: number): PriceTick | undefined {
  return ticks.find(({ happenedAt }) => happenedAt === at);
}

/** Ends of the regular minutes of a day that have no bar. */
function missingMinutes(ticks: readonly PriceTick[], date: string): number[] {
  const known = new Set(ticks.map(({ happenedAt }) => happenedAt));
  const open = eastern(`${date} 09:30`);
  return Array.from({ length: 390 }, (_, minute) => open + (minute + 1) * 60_000).filter(
    (end) => !known.has(end),
  );
}

describe.skipIf(!HAS_DATA)("GameStop's minutes (needs the recorded data: set AMC_DATA)", () => {
  it("have their columns in the order open, close, high, low", async () => {
    const line = readFileSync(join(DATA_ROOT, "gme-2021/bars-1min.csv"), "utf8")
      .split("\n")
      .find((text) => text.startsWith("GME,1Min:1610548200,"));
    expect(line).toBe("GME,1Min:1610548200,20.400000,20.193300,20.590000,20.030000,178015");
    const ticks = await ticksOf("gme-2021", "minutes");
    expect(endingAt(ticks, eastern("2021-01-13 09:31"))).toMatchObject({
      open: 20.4,
      high: 20.59,
      low: 20.03,
      close: 20.1933,
      volume: 178_015,
    });
  });

  it("are GameStop's only, although SPY comes first in the file", async () => {
    const ticks = await ticksOf("gme-2021", "minutes");
    expect(ticks).toHaveLength(23_861);
    expect(new Set(ticks.map(({ symbol }) => symbol))).toEqual(new Set(["GME"]));
    expect(ticks[0]?.happenedAt).toBe(eastern("2021-01-06 04:17"));
    expect(await ticksOf("spy-2022", "minutes")).toHaveLength(17_627);
  });

  it("do not hold the official close of 2021-01-27, which only the daily bar states", async () => {
    const minutes = await ticksOf("gme-2021", "minutes");
    expect(endingAt(minutes, eastern("2021-01-27 16:00"))?.close).toBe(347.14);
    expect(endingAt(minutes, eastern("2021-01-27 16:01"))).toMatchObject({
      open: 345,
      high: 347.51,
      low: 340.5,
      close: 346.61,
    });
    const daily = await ticksOf("gme-2021", "daily");
    const day = endingAt(daily, eastern("2021-01-27 20:00"));
    expect(day?.close).toBeCloseTo(347.51, 4);
    expect(day?.publishedAt).toBe(eastern("2021-01-27 20:00"));
  });

  it("sum to the day's volume of the daily file within its rounding", async () => {
    const minutes = await ticksOf("gme-2021", "minutes");
    const from = eastern("2021-01-27 04:00");
    const to = eastern("2021-01-27 20:00");
    const volume = minutes
      .filter(({ happenedAt }) => happenedAt > from && happenedAt <= to)
      .reduce((sum, tick) => sum + tick.volume, 0);
    expect(volume).toBe(93_396_602);
    expect(endingAt(await ticksOf("gme-2021", "daily"), to)?.volume).toBe(93_396_700);
  });

  it("keep the bad prints of 2021-01-28 as facts", async () => {
    const ticks = await ticksOf("gme-2021", "minutes");
    const highs = ["14:05", "14:06", "14:07"].map(
      (end) => endingAt(ticks, eastern(`2021-01-28 ${end}`))?.high,
    );
    expect(highs).toEqual([507.76, 494.04, 507.76]);
  });

  it("show halts as missing minutes and nothing else", async () => {
    const ticks = await ticksOf("gme-2021", "minutes");
    expect(missingMinutes(ticks, "2021-01-25")).toHaveLength(42);
    expect(missingMinutes(ticks, "2021-01-28")).toHaveLength(75);
    expect(missingMinutes(ticks, "2021-01-08")).toHaveLength(0);
  });

  it("agree with the independent hourly file, which marks starts on New York's clock", async () => {
    const hourly = await barsOf({
      path: "gme-2021/GME-1hour-2020-07_2021-02-19.csv",
      header: false,
      symbol: "GME",
      interval: "1h",
      volumeScope: "CONSOLIDATED",
      stamp: { unit: "wall-clock", pattern: "yyyy-MM-dd HH:mm:ss", marks: "start" },
      columns: { timestamp: 0, open: 1, high: 2, low: 3, close: 4, volume: 5 },
    });
    const minutes = await ticksOf("gme-2021", "minutes");
    const closes = new Map(minutes.map(({ happenedAt, close }) => [happenedAt, close]));
    const compared = hourly.filter(({ happenedAt }) => closes.has(happenedAt));
    const near = compared.filter(
      ({ happenedAt, close }) => Math.abs((closes.get(happenedAt) ?? 0) / close - 1) <= 0.005,
    );
    expect(compared.length).toBeGreaterThan(300);
    expect(near.length / compared.length).toBeGreaterThan(0.9);
  });

  it("agree with the half-hourly file, newest first, which marks ENDS", async () => {
    const halfHours = await barsOf({
      path: "gme-2021/GME-30min-2021-01-19_2021-02-17.csv",
      symbol: "GME",
      interval: "30m",
      volumeScope: "CONSOLIDATED",
      stamp: { unit: "iso", marks: "end" },
      columns: {
        timestamp: "time",
        open: "open",
        high: "high",
        low: "low",
        close: "close",
        volume: "volume",
      },
    });
    expect(halfHours[0]?.happenedAt).toBe(eastern("2021-02-17 20:00"));
    expect(halfHours.at(-1)?.happenedAt).toBe(eastern("2021-01-19 04:30"));
    const closes = new Map(
      (await ticksOf("gme-2021", "minutes")).map(({ happenedAt, close }) => [happenedAt, close]),
    );
    const compared = halfHours.filter(({ happenedAt }) => closes.has(happenedAt));
    const near = compared.filter(
      ({ happenedAt, close }) => Math.abs((closes.get(happenedAt) ?? 0) / close - 1) <= 0.005,
    );
    expect(compared.length).toBeGreaterThan(500);
    expect(near.length / compared.length).toBeGreaterThan(0.9);
  });
});

describe.skipIf(!HAS_DATA)("GameStop's daily bars (needs the recorded data: set AMC_DATA)", () => {
  it("leave out the three stray rows of 2004 and 2012 by date", async () => {
    const daily = await ticksOf("gme-2021", "daily");
    expect(daily).toHaveLength(286);
    expect(daily[0]?.happenedAt).toBe(eastern("2020-01-02 20:00"));
    const whole = await barsOf({
      path: "gme-2021/GME-daily.csv",
      symbol: "GME",
      interval: "1d",
      volumeScope: "CONSOLIDATED",
      stamp: { unit: "iso" },
      columns: {
        timestamp: "Date",
        open: "Open",
        high: "High",
        low: "Low",
        close: "Close",
        volume: "Volume",
      },
    });
    expect(whole.length).toBe(1900);
    expect(
      whole.slice(0, 3).map(({ happenedAt }) => new Date(happenedAt).getUTCFullYear()),
    ).toEqual([2004, 2004, 2012]);
  });
});

describe.skipIf(!HAS_DATA)(
  "what was public about GameStop (needs the recorded data: set AMC_DATA)",
  () => {
    it("is the short interest of 2020-12-31 until 2021-01-27", async () => {
      const { facts } = await readAll(await recording("gme-2021"), DATA_ROOT, "short-interest");
      const published = valuesOf(facts, "short.interest.v1").map(
        ({ settlementDate, sharesShort, publishedAt, daysToCover }) => [
          settlementDate,
          sharesShort,
          publishedAt,
          daysToCover,
        ],
      );
      expect(published).toEqual([
        ["2020-12-31", 71_196_206, eastern("2021-01-12 18:00"), null],
        ["2021-01-15", 61_782_730, eastern("2021-01-27 18:00"), 2.1],
        ["2021-01-29", 21_409_004, eastern("2021-02-09 18:00"), 1],
        ["2021-02-12", 16_468_038, eastern("2021-02-24 18:00"), null],
      ]);
    });

    it("marks vendor-rounded short interest", async () => {
      const source = {
        name: "short-interest",
        format: "delimited",
        kind: "short-interest",
        path: "gme-2021/TRANSCRIBED-short-interest.csv",
        columns: {
          symbol: "symbol",
          settlementDate: "settlement_date",
          sharesShort: "short_interest_shares",
          precision: "precision",
        },
      };
      const { facts } = await readAll(manifestOf({ sources: [source] }), DATA_ROOT);
      const precisions = valuesOf(facts, "short.interest.v1").map(
        ({ symbol, precision }) => `${symbol} ${precision}`,
      );
      expect(new Set(precisions)).toEqual(new Set(["GME EXACT", "AMC ROUNDED"]));
    });

    it("is the off-exchange short volume at 18:00 ET of the day", async () => {
      const { facts } = await readAll(await recording("gme-2021"), DATA_ROOT, "short-volume");
      const day = valuesOf(facts, "short.volume.v1").find(
        ({ tradeDate }) => tradeDate === "2021-02-19",
      );
      expect(day).toMatchObject({
        shortVolume: 2_190_404,
        shortExemptVolume: 134_794,
        totalVolume: 5_817_872,
        facilities: "B,Q,N",
        publishedAt: eastern("2021-02-19 18:00"),
      });
    });

    it("is a failed delivery weeks later", async () => {
      const { facts } = await readAll(await recording("gme-2021"), DATA_ROOT, "fails-to-deliver");
      const last = valuesOf(facts, "short.fails-to-deliver.v1").at(-1);
      expect(last).toMatchObject({ settlementDate: "2021-02-19", quantity: 16_734, price: 40.69 });
      expect(last?.publishedAt).toBe(eastern("2021-03-15 18:00", "EDT"));
    });

    it("is a dated event at 04:00 ET of the next trading day, without polarity", async () => {
      const { facts, rejected } = await readAll(await recording("gme-2021"), DATA_ROOT, "events");
      const news = valuesOf(facts, "market.news.v1");
      const board = news.find(({ headline }) => headline === "Ryan Cohen Appointed to BOD");
      expect(board).toMatchObject({
        publishedAt: eastern("2021-01-12 04:00"),
        timePrecision: "DAY",
        polarity: null,
      });
      expect(news.every(({ polarity }) => polarity === null)).toBe(true);
      // "In a report issued on January 8 ... closed last Wednesday at $189.82", filed under the 4th.
      expect(rejected.find(({ raw }) => raw.includes('"2021-01-04"'))?.code).toBe(
        "text.names-later-date",
      );
      expect(news.some(({ headline }) => headline.startsWith("Credit Suisse Reiterates"))).toBe(
        false,
      );
    });

    it("is a tweet at the instant its id states, a day at most from its event", async () => {
      const { facts, rejected } = await readAll(
        await recording("gme-2021"),
        DATA_ROOT,
        "timed-events",
      );
      const news = valuesOf(facts, "market.news.v1");
      expect([news.length, rejected.length]).toEqual([20, 0]);
      const musk = news.find(({ headline }) => headline === "Elon Musk Tweets About $GME");
      expect(musk?.publishedAt).toBe(Date.parse("2021-01-26T21:08:02.325Z"));
      expect(musk?.timePrecision).toBe("INSTANT");
      for (const { itemId, happenedAt } of news) {
        // Twitter's snowflake: milliseconds since 2010-11-04 in the upper bits.
        expect(Number((BigInt(itemId) >> 22n) + 1_288_834_974_657n)).toBe(happenedAt);
      }
    });
  },
);
