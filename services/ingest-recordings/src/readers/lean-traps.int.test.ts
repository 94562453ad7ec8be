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

describe.skipIf(!HAS_DATA)("LEAN's bars (needs the recorded data: set AMC_DATA)", () => {
  it("have prices times 10000, starts in New York's ms of the day, and the date in their name", async () => {
    const { facts } = await readAll(await recording("spy-2013"), DATA_ROOT, "minutes");
    const [first] = valuesOf(facts, "market.price-tick.v1");
    // 14400000,1674100,1674100,1672500,1672700,3197 of 20131007_spy_minute_trade.csv
    expect(first).toMatchObject({
      symbol: "SPY",
      happenedAt: eastern("2013-10-07 04:01", "EDT"),
      open: 167.41,
      high: 167.41,
      low: 167.25,
      close: 167.27,
      volume: 3197,
    });
  });

  it("of a day have the volume of the regular session's minutes", async () => {
    const manifest = await recording("spy-2013");
    const minutes = valuesOf(
      (await readAll(manifest, DATA_ROOT, "minutes")).facts,
      "market.price-tick.v1",
    );
    const daily = valuesOf(
      (await readAll(manifest, DATA_ROOT, "daily-history")).facts,
      "market.price-tick.v1",
    );
    const open = eastern("2013-10-09 09:30", "EDT");
    const close = eastern("2013-10-09 16:00", "EDT");
    const regular = minutes.filter(({ happenedAt }) => happenedAt > open && happenedAt <= close);
    const day = daily.find(({ happenedAt }) => happenedAt === close);
    expect(day).toMatchObject({
      volumeScope: "REGULAR",
      publishedAt: close,
      intervalMs: 86_400_000,
    });
    expect(regular.reduce((sum, { volume }) => sum + volume, 0)).toBe(day?.volume);
    expect(regular.at(-1)?.close).toBe(day?.close);
  });

  it("of AAPL are as traded, and the 7:1 split takes effect on 2014-06-09", async () => {
    const manifest = await recording("aapl-2014");
    const minutes = valuesOf(
      (await readAll(manifest, DATA_ROOT, "minutes")).facts,
      "market.price-tick.v1",
    );
    const at = (end: string): number | undefined =>
      minutes.find(({ happenedAt }) => happenedAt === eastern(end, "EDT"))?.close;
    expect(at("2014-06-06 16:00")).toBe(645.57);
    expect(at("2014-06-09 16:00")).toBe(93.7);
    const { facts } = await readAll(manifest, DATA_ROOT, "splits");
    expect(valuesOf(facts, "market.corporate-action.v1")).toMatchObject([
      {
        symbol: "AAPL",
        action: "SPLIT",
        ratio: 7,
        effectiveAt: eastern("2014-06-09 04:00", "EDT"),
        publishedAt: eastern("2014-06-09 04:00", "EDT"),
      },
    ]);
  });

  it("know AAPL's splits of 2000, 2005, 2014 and 2020 and AIG's 1:20", async () => {
    const source = { name: "splits", format: "lean-factor", path: "lean/factor-map/a*_factor.csv" };
    const { facts } = await readAll(manifestOf({ sources: [source] }), DATA_ROOT);
    const splits = valuesOf(facts, "market.corporate-action.v1").map(
      ({ symbol, ratio, effectiveAt }) =>
        `${symbol} ${new Date(effectiveAt).toISOString().slice(0, 10)} ${ratio}`,
    );
    expect(splits).toEqual(
      expect.arrayContaining([
        "AAPL 2000-06-21 2",
        "AAPL 2005-02-28 2",
        "AAPL 2014-06-09 7",
        "AAPL 2020-08-31 4",
        "AIG 2009-07-01 0.05",
      ]),
    );
  });
});

describe.skipIf(!HAS_DATA)("LEAN's ticks (needs the recorded data: set AMC_DATA)", () => {
  it("pass over official-price messages, whose volume the auction print holds", async () => {
    const { facts, skipped } = await readAll(
      await recording("ibm-2013-ticks"),
      DATA_ROOT,
      "trades",
    );
    const trades = valuesOf(facts, "market.price-tick.v1");
    expect(trades).toHaveLength(33_381 - 4);
    expect(skipped).toEqual({ "trade.official-price": 4 });
    expect(trades.filter(({ auction }) => auction)).toHaveLength(2);
    expect(trades[0]).toMatchObject({ kind: "TRADE", intervalMs: 0, close: 182.1, volume: 300 });
    expect(new Set(facts.map(({ id }) => id)).size).toBe(facts.length);
  });

  it("keep the last side of an exchange where a quote updates only the other", async () => {
    const { facts, skipped } = await readAll(
      await recording("ibm-2013-ticks"),
      DATA_ROOT,
      "quotes",
    );
    const quotes = valuesOf(facts, "market.price-tick.v1");
    expect(skipped).toEqual({ "quote.one-sided": 472, "quote.suspicious": 1 });
    expect(quotes.length).toBe(125_750 - 473);
    // Rows 1 and 2 are ARCA's bid and ask: only the second completes a quote.
    expect(quotes[0]).toMatchObject({ bid: 180.01, ask: 182.62, close: (180.01 + 182.62) / 2 });
    expect(quotes.every(({ bid, ask }) => bid !== null && ask !== null)).toBe(true);
  });

  it("as quote bars give bid and ask at the end of the minute", async () => {
    const source = {
      name: "quotes",
      format: "lean-quote",
      path: "lean/equity-minute/spy/20131007_quote.zip",
    };
    const { facts } = await readAll(manifestOf({ sources: [source] }), DATA_ROOT);
    expect(valuesOf(facts, "market.price-tick.v1")[0]).toMatchObject({
      kind: "QUOTE",
      happenedAt: eastern("2013-10-07 04:01", "EDT"),
      bid: 167.25,
      ask: 167.27,
      volume: 0,
    });
  });
});

describe.skipIf(!HAS_DATA)("LEAN's options (needs the recorded data: set AMC_DATA)", () => {
  it("of GOOG are summed over the expiry of the next day, with the strike where call and put meet", async () => {
    const { facts } = await readAll(await recording("goog-2015-options"), DATA_ROOT, "options");
    const snapshots = valuesOf(facts, "market.options.v1");
    expect(snapshots).toHaveLength(26);
    expect(snapshots.at(-1)).toMatchObject({
      happenedAt: eastern("2015-12-23 16:00"),
      expiry: "2015-12-24",
      strike: 750,
      callBid: 2.15,
      callAsk: 2.3,
      underlyingPrice: null,
      gammaWallStrike: null,
      volumeRatio: null,
      ivPercentile: null,
    });
  });

  it("have no snapshot after the early close of 2015-12-24, and none without a strike", async () => {
    const { facts, skipped } = await readAll(
      await recording("goog-2015-options"),
      DATA_ROOT,
      "options",
    );
    // 09:45 to 13:00 are 14 quarters of an hour; the day has neither quotes nor the share's price.
    expect(skipped).toEqual({ "option.no-at-the-money": 14 });
    expect(facts.every(({ value }) => value.happenedAt <= eastern("2015-12-23 16:00"))).toBe(true);
  });

  it("of AAPL without quotes have volumes and open interest, and no bid or ask", async () => {
    const { facts } = await readAll(await recording("aapl-2014-options"), DATA_ROOT, "options");
    const last = valuesOf(facts, "market.options.v1").at(-1);
    expect(last).toMatchObject({
      underlyingPrice: 645.57,
      expiry: "2014-06-13",
      strike: 645,
      callBid: null,
      callAsk: null,
      putBid: null,
      putAsk: null,
    });
    expect(last?.callVolume).toBeGreaterThan(0);
    expect(last?.callOpenInterest).toBeGreaterThan(0);
  });
});

describe.skipIf(!HAS_DATA)("other files (needs the recorded data: set AMC_DATA)", () => {
  it("of FINRA have fractional volumes and joined facilities", async () => {
    const source = {
      name: "daily",
      format: "finra-pipe",
      path: "short/finra-verbatim/CNMSshvol*.txt",
    };
    const { facts, rejected } = await readAll(manifestOf({ sources: [source] }), DATA_ROOT);
    expect(rejected).toEqual([]);
    expect(valuesOf(facts, "short.volume.v1")[0]).toMatchObject({
      symbol: "A",
      tradeDate: "2026-05-04",
      shortVolume: 299_392.172804,
      totalVolume: 743_135.775886,
      facilities: "B,Q,N",
      publishedAt: eastern("2026-05-04 18:00", "EDT"),
    });
  });

  it("of FINRA state short interest by settlement date, revisions marked", async () => {
    const source = {
      name: "short-interest",
      format: "finra-pipe",
      path: "short/finra-verbatim/shrt*.csv",
    };
    const { facts } = await readAll(manifestOf({ sources: [source] }), DATA_ROOT);
    const figures = valuesOf(facts, "short.interest.v1");
    expect(figures.find(({ symbol }) => symbol === "GME")).toMatchObject({
      sharesShort: 61_782_730,
      previousSharesShort: 71_196_206,
      averageDailyVolume: 29_385_884,
      daysToCover: 2.1,
      revision: false,
      publishedAt: eastern("2021-01-27 18:00"),
    });
    expect(figures.find(({ symbol }) => symbol === "A")).toMatchObject({
      revision: true,
      publishedAt: eastern("2025-01-10 18:00"),
    });
  });

  it("that begin before the exchange calendar are played from 1998 on, the rest is named", async () => {
    const source = {
      name: "msft",
      format: "delimited",
      kind: "bar",
      path: "indicator-oracles/quotes-msft.csv",
      symbol: "MSFT",
      interval: "1d",
      volumeScope: "REGULAR",
      stamp: { unit: "wall-clock", pattern: "M/d/yyyy" },
      columns: {
        timestamp: "date",
        open: "open",
        high: "high",
        low: "low",
        close: "close",
        volume: "volume",
      },
    };
    const { facts, rejected } = await readAll(manifestOf({ sources: [source] }), DATA_ROOT);
    const ticks = valuesOf(facts, "market.price-tick.v1");
    expect(ticks[0]?.happenedAt).toBe(eastern("1998-01-02 16:00"));
    // Nobody can say when those of 1990 to 1997 were public; they hold the rows without volume.
    expect(new Set(rejected.map(({ code }) => code))).toEqual(new Set(["time.out-of-range"]));
    expect(rejected.length + ticks.length).toBe(8111);
    expect(rejected.some(({ raw }) => raw.endsWith(",0"))).toBe(true);
  });

  it("on New York's clock have the closing auction in a bar that begins at 16:00", async () => {
    const source = {
      name: "intraday",
      format: "delimited",
      kind: "bar",
      path: "indicator-oracles/quotes-intraday.csv",
      symbol: "SPY",
      interval: "1m",
      volumeScope: "REGULAR",
      stamp: { unit: "wall-clock", pattern: "yyyy-MM-dd HH:mm", marks: "start" },
      columns: {
        timestamp: "date",
        open: "open",
        high: "high",
        low: "low",
        close: "close",
        volume: "volume",
      },
    };
    const { facts, rejected } = await readAll(manifestOf({ sources: [source] }), DATA_ROOT);
    const ticks = valuesOf(facts, "market.price-tick.v1");
    expect(rejected).toEqual([]);
    expect(ticks[0]?.happenedAt).toBe(eastern("2020-12-15 09:31"));
    const auction = ticks.find(({ happenedAt }) => happenedAt === eastern("2020-12-15 16:01"));
    expect(auction?.volume).toBe(1_525_977);
  });
});
