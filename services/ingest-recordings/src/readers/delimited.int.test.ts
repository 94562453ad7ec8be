import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import {
  eastern,
  folderOf,
  MINUTE_BARS,
  MINUTE_HEADER,
  manifestOf,
  type ReadItems,
  readAll,
  valuesOf,
} from "../testing/fixtures.ts";

const folders: { remove(): Promise<void> }[] = [];

afterEach(async () => {
  for (const folder of folders.splice(0)) await folder.remove();
});

async function read(
  files: Readonly<Record<string, string | Uint8Array>>,
  source: object,
): Promise<ReadItems> {
  const folder = await folderOf(files);
  folders.push(folder);
  return readAll(manifestOf({ sources: [{ ...MINUTE_BARS, ...source }] }), folder.path);
}

/** Trades and quotes have no interval. */
async function readTicks(text: string, source: object): Promise<ReadItems> {
  const folder = await folderOf({ "bars.csv": text });
  folders.push(folder);
  const { interval: _interval, ...tick } = MINUTE_BARS;
  return readAll(manifestOf({ sources: [{ ...tick, ...source }] }), folder.path);
}

function bars(...rows: string[]): { "bars.csv": string } {
  return { "bars.csv": `${[MINUTE_HEADER, ...rows].join("\n")}\n` };
}

const GOOD = "ACME,2021-01-13T14:30:00Z,10,11,9.5,10.5,1200";

describe("delimited bars", () => {
  it("become price ticks with the end of their interval, whichever end the stamp names", async () => {
    const start = await read(bars(GOOD), {});
    const end = await read(bars(GOOD), { stamp: { unit: "iso", marks: "end" } });
    expect(valuesOf(start.facts, "market.price-tick.v1")).toEqual([
      {
        symbol: "ACME",
        happenedAt: eastern("2021-01-13 09:31"),
        publishedAt: eastern("2021-01-13 09:31"),
        capturedAt: eastern("2021-01-13 09:31"),
        source: "test-vendor",
        confidence: 0.9,
        stale: false,
        providerLatencyMs: null,
        simulated: false,
        kind: "BAR",
        intervalMs: 60_000,
        open: 10,
        high: 11,
        low: 9.5,
        close: 10.5,
        volume: 1200,
        volumeScope: "CONSOLIDATED",
        vwap: null,
        tradeCount: null,
        bid: null,
        ask: null,
        auction: false,
      },
    ]);
    expect(end.facts[0]?.value.happenedAt).toBe(eastern("2021-01-13 09:30"));
  });

  it("are stale as they come when the feed's delay exceeds the limit of their kind", async () => {
    const limitMs = 15 * 60_000;
    const staleWith = async (text: string, source: object) =>
      (await read(bars(text), source)).facts.map(({ value }) => value.stale);
    expect(await staleWith(GOOD, { delayMs: limitMs })).toEqual([false]);
    expect(await staleWith(GOOD, { delayMs: limitMs + 1 })).toEqual([true]);
    // A whole day is known after its close, and is the newest one until the next close.
    const day = "ACME,2021-01-13T00:00:00Z,10,11,9.5,10.5,1200";
    expect(await staleWith(day, { interval: "1d", delayMs: limitMs + 1 })).toEqual([false]);
    expect(await staleWith(day, { interval: "1d", delayMs: 6 * 86_400_000 })).toEqual([true]);
  });

  it("without any trade stay facts with volume 0", async () => {
    const { facts } = await read(bars("ACME,2021-01-13T14:30:00Z,10,10,10,10,0"), {});
    expect(valuesOf(facts, "market.price-tick.v1")[0]?.volume).toBe(0);
  });

  it("keep their id when the file around them is cut, and change it with the instant", async () => {
    const other = GOOD.replace("14:30", "14:31");
    const whole = await read(bars(GOOD, other), {});
    const cut = await read(bars(other), {});
    expect(cut.facts[0]?.id).toBe(whole.facts[1]?.id);
    expect(whole.facts[0]?.id).not.toBe(whole.facts[1]?.id);
  });

  it.each([
    ["high below low", "ACME,2021-01-13T14:30:00Z,10,9,11,10,5", "domain.high-below-low", 4],
    ["close above high", "ACME,2021-01-13T14:30:00Z,10,11,9,12,5", "domain.outside-range", 4],
    ["price 0", "ACME,2021-01-13T14:30:00Z,0,11,9,10,5", "domain.price", 3],
    ["negative volume", "ACME,2021-01-13T14:30:00Z,10,11,9,10,-5", "domain.negative", 7],
    ["no number", "ACME,2021-01-13T14:30:00Z,ten,11,9,10,5", "number.invalid", 3],
    ["a formula", "ACME,2021-01-13T14:30:00Z,=1+9,11,9,10,5", "number.invalid", 3],
    ["Infinity", "ACME,2021-01-13T14:30:00Z,Infinity,11,9,10,5", "number.invalid", 3],
    ["hexadecimal", "ACME,2021-01-13T14:30:00Z,0x10,11,9,10,5", "number.invalid", 3],
    ["1e308", "ACME,2021-01-13T14:30:00Z,10,1e308,9,10,5", "domain.price", 4],
    ["-0", "ACME,2021-01-13T14:30:00Z,10,11,9,10,-0", "number.negative-zero", 7],
    ["no volume", "ACME,2021-01-13T14:30:00Z,10,11,9,10,", "field.missing", 7],
    ["no time", "ACME,soon,10,11,9,10,5", "stamp.invalid", 2],
    [
      "a time before the calendar",
      "ACME,1970-01-20T14:30:00Z,10,11,9,10,5",
      "time.out-of-range",
      2,
    ],
    ["a time after it", "ACME,2262-01-20T14:30:00Z,10,11,9,10,5", "time.out-of-range", 2],
    ["no symbol", "acme corp.,2021-01-13T14:30:00Z,10,11,9,10,5", "symbol.invalid", 1],
    ["a long symbol", "ABCDEFGHIJKL,2021-01-13T14:30:00Z,10,11,9,10,5", "symbol.invalid", 1],
    ["a lost column", "ACME,2021-01-13T14:30:00Z,10,11,9,10", "row.columns", null],
    ["a column too many", "ACME,2021-01-13T14:30:00Z,10,11,9,10,5,6", "row.columns", null],
    ["a stray quote", 'AC"ME,2021-01-13T14:30:00Z,10,11,9,10,5', "row.quote-inside-field", 1],
  ])(
    "with %s are rejected with line, column and reason; good rows stay",
    async (_what, bad, code, column) => {
      const { facts, rejected } = await read(bars(GOOD, bad, GOOD.replace("14:30", "14:32")), {});
      expect(facts).toHaveLength(2);
      expect(rejected).toEqual([
        expect.objectContaining({
          topic: "market.price-tick.v1",
          path: "bars.csv",
          row: 3,
          column,
          code,
          raw: bad,
        }),
      ]);
      const at = column === null ? "bars.csv:3: " : `bars.csv:3:${column}: `;
      expect(rejected[0]?.message.startsWith(at)).toBe(true);
    },
  );

  it("asks whether the unit is right when seconds are read as milliseconds", async () => {
    const { rejected } = await read(bars("ACME,1610548200,10,11,9.5,10.5,1200"), {
      stamp: { unit: "ms", marks: "start" },
    });
    expect(rejected[0]?.message).toContain("is the unit of the stamp right?");
  });

  it("refuse invalid UTF-8 in a cell they use", async () => {
    const bytes = Buffer.from(bars(GOOD)["bars.csv"]);
    bytes[bytes.indexOf("ACME")] = 0xff;
    const { facts, rejected } = await read({ "bars.csv": bytes }, {});
    expect([facts.length, rejected.map(({ code }) => code)]).toEqual([0, ["symbol.invalid"]]);
  });

  it("take columns by index, prefix, join and constant, and numbers with a decimal comma", async () => {
    const row = "13/01/2021;0930;px 1.234,5;1.240,0;1.234,5;1.236,25;3";
    const { facts, rejected } = await read(
      { "bars.csv": `${row}\n${row.replace("px ", "")}\n` },
      {
        header: false,
        delimiter: ";",
        thousands: ".",
        decimal: ",",
        stamp: { unit: "wall-clock", pattern: "dd/MM/yyyyTHHmm", marks: "start" },
        columns: {
          symbol: { value: "BRK/B" },
          timestamp: { join: [0, 1], separator: "T" },
          open: { column: 2, stripPrefix: "px " },
          high: 3,
          low: 4,
          close: 5,
          volume: 6,
        },
      },
    );
    expect(valuesOf(facts, "market.price-tick.v1")).toMatchObject([
      {
        symbol: "BRK.B",
        happenedAt: eastern("2021-01-13 09:31"),
        open: 1234.5,
        high: 1240,
        low: 1234.5,
        close: 1236.25,
        volume: 3,
      },
    ]);
    expect(rejected.map(({ code, column }) => [code, column])).toEqual([["field.prefix", 3]]);
  });

  it("divide scaled prices exactly, count lots as shares and undo adjustments for splits", async () => {
    const { facts } = await read(bars("ACME,2014-06-06T13:30:00Z,923000,924000,922000,923500,7"), {
      priceScale: 10_000,
      volumeUnit: 100,
      unadjust: [{ before: "2014-06-09", ratio: 7 }],
    });
    expect(valuesOf(facts, "market.price-tick.v1")[0]).toMatchObject({
      open: 92.3 * 7,
      close: 92.35 * 7,
      volume: 100,
    });
  });

  it("of a day are public when the trading their volume covers is over", async () => {
    const daily = { interval: "1d", stamp: { unit: "iso" } };
    const row = "ACME,2015-12-24,10,11,9.5,10.5,1200";
    const extended = await read(bars(row), daily);
    const regular = await read(bars(row), { ...daily, volumeScope: "REGULAR" });
    // 24 December 2015 closed at 13:00, and its extended hours at 17:00.
    expect(extended.facts[0]?.value.publishedAt).toBe(eastern("2015-12-24 17:00"));
    expect(regular.facts[0]?.value.publishedAt).toBe(eastern("2015-12-24 13:00"));
    const closed = await read(bars("ACME,2021-01-16,10,11,9.5,10.5,1200"), daily);
    expect(closed.rejected.map(({ code }) => code)).toEqual(["time.not-a-trading-day"]);
  });

  it("of a day told again later are another vintage, of a minute the same fact", async () => {
    const columns = { ...MINUTE_BARS.columns, publishedAt: "published" };
    const told = async (day: string, source: object) => {
      const rows = ["2021-01-14T01:00:00Z", "2021-01-19T12:00:00Z"]
        .map((published) => `ACME,${day},10,11,9.5,10.5,1200,${published}`)
        .join("\n");
      const text = `${MINUTE_HEADER},published\n${rows}\n`;
      const { facts } = await read({ "bars.csv": text }, { columns, ...source });
      return { facts: facts.length, ids: new Set(facts.map(({ id }) => id)).size };
    };
    const daily = { interval: "1d", stamp: { unit: "iso" } };
    expect(await told("2021-01-13", daily)).toEqual({ facts: 2, ids: 2 });
    expect(await told("2021-01-13T14:30:00Z", {})).toEqual({ facts: 2, ids: 1 });
  });

  it.each([
    // 05:00 UTC is midnight in New York, 14:30 the open.
    ["1610514000", { unit: "s" }],
    ["1610548200", { unit: "s" }],
    ["1610496000", { unit: "s", timeZone: "UTC" }],
    ["2021-01-13T00:00:00Z", { unit: "iso" }],
    ["2021-01-13T05:00:00+00:00", { unit: "iso" }],
    // The end of extended hours of the 13th.
    ["2021-01-14T01:00:00Z", { unit: "iso", marks: "end" }],
    ["1610586000", { unit: "s", marks: "end" }],
  ])("of a day may stamp 2021-01-13 as %s %j", async (time, stamp) => {
    const { facts } = await read(bars(`ACME,${time},10,11,9.5,10.5,1200`), {
      interval: "1d",
      stamp,
    });
    expect(facts[0]?.value.happenedAt).toBe(eastern("2021-01-13 20:00"));
  });

  it("of a day with stamps at midnight UTC are refused unless the zone says so", async () => {
    const { rejected } = await read(bars("ACME,1610496000,10,11,9.5,10.5,1200"), {
      interval: "1d",
      stamp: { unit: "s" },
    });
    expect(rejected[0]).toMatchObject({ code: "stamp.ambiguous-date", column: 2 });
    expect(rejected[0]?.message).toContain('set stamp.timeZone to "UTC"');
  });

  it("before their own end are refused when a column states publication", async () => {
    const { facts, rejected } = await read(
      {
        "bars.csv": `${MINUTE_HEADER},seen\n${GOOD},2021-01-13T14:31:02Z\n${GOOD},2021-01-13T14:30:30Z\n${GOOD},2021-01-13\n`,
      },
      { columns: { ...MINUTE_BARS.columns, publishedAt: "seen" } },
    );
    expect(facts.map(({ value }) => value.publishedAt - value.happenedAt)).toEqual([2000]);
    expect(rejected.map(({ code }) => code)).toEqual([
      "time.published-before-happening",
      "stamp.invalid",
    ]);
  });

  it("are filtered by symbol and by range, a date counting to its end in New York", async () => {
    const { facts, rejected } = await read(
      bars(
        "ACME,2021-01-13T04:59:00Z,10,11,9,10,1",
        "ACME,2021-01-13T05:00:00Z,10,11,9,10,2",
        "ACME,2021-01-15T04:59:00Z,10,11,9,10,3",
        "ACME,2021-01-15T05:00:00Z,10,11,9,10,4",
        "not a symbol,2021-01-14T05:00:00Z,10,11,9,10,5",
      ),
      { symbols: ["ACME"], from: "2021-01-13", to: "2021-01-14" },
    );
    expect(valuesOf(facts, "market.price-tick.v1").map(({ volume }) => volume)).toEqual([2, 3]);
    expect(rejected).toEqual([]);
  });

  it("are unpacked from gzip, and {symbol} in the path names them", async () => {
    const text = "time,open,high,low,close,volume\n2021-01-13T14:30:00Z,10,11,9.5,10.5,1200\n";
    const { symbol: _symbol, ...columns } = MINUTE_BARS.columns;
    const { facts } = await read(
      { "us/acme/bars.csv.gz": gzipSync(text), "us/brk-b/bars.csv.gz": gzipSync(text) },
      { path: "us/{symbol}/bars.csv.gz", columns },
    );
    expect(facts.map(({ value }) => value.symbol)).toEqual(["ACME", "BRK.B"]);
  });

  it("stop the recording when a column is not in the header, a file is missing or an archive broken", async () => {
    await expect(
      read(bars(GOOD), { columns: { ...MINUTE_BARS.columns, close: "last" } }),
    ).rejects.toMatchObject({
      code: "recording.source-unreadable",
      message:
        'columns.close names "last", but the header of bars.csv holds "symbol", "time", "open", "high", "low", "close", "volume"',
    });
    await expect(read(bars(GOOD), { path: "no/*.csv" })).rejects.toMatchObject({
      code: "recording.source-missing",
    });
    await expect(read({ "bars.zip": "no archive" }, { path: "bars.zip" })).rejects.toMatchObject({
      code: "recording.source-unreadable",
    });
    await expect(read({ "bars.csv.gz": "no gzip" }, { path: "bars.csv.gz" })).rejects.toMatchObject(
      {
        code: "recording.source-unreadable",
      },
    );
  });
});

describe("delimited trades and quotes", () => {
  const trade = {
    kind: "trade",
    stamp: { unit: "iso" },
    columns: { symbol: "symbol", timestamp: "time", price: "price", volume: "size" },
  };

  it("of one instant are told apart by their order", async () => {
    const row = "ACME,2021-01-13T14:30:00Z,10,100";
    const { facts } = await readTicks(`symbol,time,price,size\n${row}\n${row}\n`, trade);
    expect(new Set(facts.map(({ id }) => id)).size).toBe(2);
    expect(valuesOf(facts, "market.price-tick.v1")[0]).toMatchObject({
      kind: "TRADE",
      intervalMs: 0,
      open: 10,
      close: 10,
      volume: 100,
      tradeCount: 1,
    });
  });

  it("have the middle of bid and ask as price, and need both", async () => {
    const { facts, skipped } = await readTicks(
      "symbol,time,bid,ask\nACME,2021-01-13T14:30:00Z,10,10.5\nACME,2021-01-13T14:30:01Z,10,0\n",
      {
        kind: "quote",
        stamp: { unit: "iso" },
        columns: { symbol: "symbol", timestamp: "time", bid: "bid", ask: "ask" },
      },
    );
    expect(valuesOf(facts, "market.price-tick.v1")[0]).toMatchObject({
      kind: "QUOTE",
      close: 10.25,
      bid: 10,
      ask: 10.5,
      volume: 0,
    });
    expect(skipped).toEqual({ "quote.one-sided": 1 });
  });
});
