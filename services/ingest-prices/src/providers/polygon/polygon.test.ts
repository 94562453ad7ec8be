import { isProviderError } from "@amc/platform/http/provider-error";
import { validateFact } from "@amc/schemas/validate";
import { DAY_MS, MINUTE_MS as ONE_MINUTE_MS } from "@amc/streams/market/calendar-date";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  aggregate,
  barsAnswer,
  DAY_START_MS,
  MINUTE_MS,
  marketDayAnswer,
  snapshotAnswer,
  ticker,
} from "../../testing/polygon-answers.ts";
import { type BarRange, barPageFacts, readBarPage } from "./bars.ts";
import { marketDayFacts, readMarketDay } from "./market-day.ts";
import { readSnapshot, snapshotFacts } from "./snapshot.ts";

/** 2025-09-08 12:00 UTC: both days and all minutes are over. */
const AT = Date.UTC(2025, 8, 8, 12);
const DATE = "2025-09-04";
const DAYS: BarRange = { symbol: "XYZ", intervalMs: DAY_MS, from: DATE, to: "2025-09-05" };
const MINUTES: BarRange = { ...DAYS, intervalMs: ONE_MINUTE_MS };
const provenanceAt = (at: number) => ({
  ...{ source: "polygon", confidence: 0.98, simulated: false },
  captured: { at, latencyMs: 80 },
});
const httpOf = (json: unknown) => ({ status: 200, body: Buffer.from(JSON.stringify(json)) });
const bars = (answer: unknown, range = DAYS, at = AT) => {
  const { rows } = readBarPage(httpOf(answer), "XYZ");
  return barPageFacts(rows, range, Number.NEGATIVE_INFINITY, provenanceAt(at));
};
const marketDay = (answer: unknown, at = AT) =>
  marketDayFacts(readMarketDay(httpOf(answer)), DATE, provenanceAt(at));
const snapshot = (answer: unknown, asked: ReadonlySet<string> | null = null, at = AT) =>
  snapshotFacts(readSnapshot(httpOf(answer)), asked, provenanceAt(at));
const codes = ({ refused }: { readonly refused: readonly { readonly code: string }[] }) =>
  refused.map(({ code }) => code);
const failing = (code: "unreadable" | "rate-limited" | "refused") =>
  expect.toSatisfy((error) => isProviderError(error, `provider.${code}`));
/** Enough good rows beside one that is wrong: it alone is lost. */
const good = [0, 1, 2].map((minute) => aggregate(MINUTE_MS + minute * ONE_MINUTE_MS));

describe("bars of a symbol", () => {
  it("of days become ticks that are public when extended hours end, with vwap and trades", () => {
    const { facts, refused } = bars(barsAnswer());
    expect(refused).toEqual([]);
    expect(facts.map(({ topic, value }) => ({ topic, ...value }))).toMatchObject([
      {
        ...{ topic: "market.price-tick.v1", symbol: "XYZ", source: "polygon", kind: "BAR" },
        ...{ intervalMs: DAY_MS, volumeScope: "CONSOLIDATED", confidence: 0.98 },
        ...{ open: 10, high: 12, low: 9.5, close: 11, volume: 1_000.5, vwap: 10.75 },
        ...{ tradeCount: 42, providerLatencyMs: 80, capturedAt: AT },
        ...{ happenedAt: Date.UTC(2025, 8, 4, 20), publishedAt: Date.UTC(2025, 8, 5, 0) },
      },
      { happenedAt: Date.UTC(2025, 8, 5, 20) },
    ]);
  });

  it("of minutes become ticks that are public as they end, without what Polygon leaves out", () => {
    const rows = [aggregate(MINUTE_MS, { vw: undefined, n: undefined })];
    expect(bars(barsAnswer(rows), MINUTES).facts.map(({ value }) => value)).toMatchObject([
      {
        ...{ intervalMs: 60_000, vwap: null, tradeCount: null },
        ...{ happenedAt: MINUTE_MS + 60_000, publishedAt: MINUTE_MS + 60_000 },
      },
    ]);
  });

  it("leave out the day and the minute that are still running", () => {
    expect(bars(barsAnswer(), DAYS, Date.UTC(2025, 8, 5, 15)).facts).toHaveLength(1);
    const at = MINUTE_MS + 90_000;
    expect(bars(barsAnswer(good.slice(0, 2)), MINUTES, at).facts).toHaveLength(1);
  });

  it("of a half day are public when its extended hours end, at 17:00 ET (2025-07-03)", () => {
    const range = { ...DAYS, from: "2025-07-03", to: "2025-07-03" };
    const { facts } = bars(barsAnswer([aggregate(Date.UTC(2025, 6, 3, 4))]), range);
    expect(facts[0]?.value).toMatchObject({
      ...{ happenedAt: Date.UTC(2025, 6, 3, 17), publishedAt: Date.UTC(2025, 6, 3, 21) },
    });
  });

  it("of a symbol that Polygon does not know, or that did not trade, are none", () => {
    expect(bars(barsAnswer([])).facts).toEqual([]);
  });

  it("come with status DELAYED on a plan without real time, and are the same", () => {
    expect(bars(barsAnswer(undefined, { status: "DELAYED" })).facts).toHaveLength(2);
  });

  it.each([
    ["polygon.shape", { o: "NaN" }],
    ["polygon.shape", { v: null }],
    ["polygon.shape", { t: MINUTE_MS / 1000 }],
    ["polygon.shape", { t: MINUTE_MS * 1e6 }],
    ["domain.outside-range", { h: 10.5, c: 11 }],
    ["domain.high-below-low", { h: 9, l: 9.5 }],
    ["domain.negative", { v: -1 }],
    ["domain.price", { l: 0 }],
    ["domain.price", { vw: -3 }],
    ["polygon.time-order", { t: MINUTE_MS + 2 * ONE_MINUTE_MS }],
    ["polygon.time-order", { t: MINUTE_MS }],
    ["polygon.future", { t: AT + 600_000 }],
    ["polygon.other-date", { t: Date.UTC(2025, 8, 6, 14) }],
    ["polygon.date", { t: MINUTE_MS + 3 * ONE_MINUTE_MS + 1 }],
  ])("lose the one that is %s (%o) and keep the others", (code, wrong) => {
    const { facts, refused } = bars(
      barsAnswer([...good, aggregate(MINUTE_MS + 3 * ONE_MINUTE_MS, wrong)]),
      { ...MINUTES, to: "2025-09-05" },
    );
    expect({ facts: facts.length, codes: codes({ refused }) }).toEqual({ facts: 3, codes: [code] });
  });

  it("name the field that is wrong", () => {
    const rows = [...good, aggregate(MINUTE_MS, { o: "NaN" })];
    expect(bars(barsAnswer(rows), MINUTES).refused[0]?.message).toMatch(/^o: .*number.*string/);
  });

  it("of a Saturday, or that begin beside midnight, are no days", () => {
    const saturday = { ...DAYS, to: "2025-09-06" };
    const rows = [DAY_START_MS, DAY_START_MS + DAY_MS, DAY_START_MS + 2 * DAY_MS];
    expect(codes(bars(barsAnswer(rows.map((t) => aggregate(t))), saturday))).toEqual([
      "polygon.date",
    ]);
    const shifted = [DAY_START_MS, DAY_START_MS + DAY_MS + 3_600_000].map((t) => aggregate(t));
    expect(codes(bars(barsAnswer(shifted)))).toEqual(["polygon.date"]);
  });

  it("begin at midnight in New York on both sides of a clock change", () => {
    const range = { ...DAYS, from: "2025-10-31", to: "2025-11-03" };
    const starts = [Date.UTC(2025, 9, 31, 4), Date.UTC(2025, 10, 3, 5)];
    const { facts } = bars(
      barsAnswer(starts.map((t) => aggregate(t))),
      range,
      Date.UTC(2025, 10, 5),
    );
    expect(facts.map(({ value }) => value.happenedAt)).toEqual([
      Date.UTC(2025, 9, 31, 20),
      Date.UTC(2025, 10, 3, 21),
    ]);
  });

  it.each([
    ["another symbol", { ticker: "ABC" }],
    ["adjusted prices", { adjusted: true }],
    ["fewer rows than it states", { resultsCount: 3 }],
    ["no count", { resultsCount: undefined }],
    ["text for rows", { results: "x" }],
    ["another status", { status: "ERROR" }],
    ["no status", { status: undefined }],
  ])("with %s are refused whole", (_what, parts) => {
    expect(() => bars(barsAnswer(undefined, parts))).toThrow(failing("unreadable"));
  });

  it("most of which are refused are refused whole", () => {
    const rows = [aggregate(MINUTE_MS, { o: -1 }), aggregate(MINUTE_MS + 60_000, { c: 99 })];
    expect(() => bars(barsAnswer(rows), MINUTES)).toThrow(failing("unreadable"));
  });

  it("are in order, each once and never absurd, whatever a page holds", () => {
    const number = fc.oneof(fc.double(), fc.constantFrom(0, -1, 10, 11, 1e12), fc.constant("NaN"));
    const start = fc.integer({ min: -5, max: 5 }).map((minute) => MINUTE_MS + minute * 60_000);
    const row = fc.oneof(
      { weight: 3, arbitrary: start.map((t) => aggregate(t)) },
      fc.record({ o: number, h: number, l: number, c: number, v: number, t: start }),
    );
    fc.assert(
      fc.property(fc.array(row, { maxLength: 12 }), (rows) => {
        let facts: ReturnType<typeof bars>["facts"];
        try {
          ({ facts } = bars(barsAnswer(rows), MINUTES));
        } catch (error) {
          return isProviderError(error, "provider.unreadable");
        }
        const times = facts.map(({ value }) => value.happenedAt);
        return (
          times.every((time, index) => index === 0 || time > (times[index - 1] ?? 0)) &&
          facts.every(({ topic, value }) => validateFact(topic, value) === null)
        );
      }),
    );
  });
});

describe("words of Polygon instead of an answer", () => {
  it.each([
    ["rate-limited", "You've exceeded the maximum requests per minute, please wait or upgrade"],
    ["refused", "Unknown API Key"],
    ["unreadable", "Internal error"],
  ] as const)("are %s when they say: %s", (code, error) => {
    expect(() => readBarPage(httpOf({ status: "ERROR", request_id: "x", error }), "XYZ")).toThrow(
      failing(code),
    );
  });

  it("about a plan that does not hold the data are refused, and never repeated", () => {
    const answer = { status: "NOT_AUTHORIZED", message: "hunter2 is not entitled to this data." };
    expect(() => readBarPage(httpOf(answer), "XYZ")).toThrow(failing("refused"));
    expect(() => readBarPage(httpOf(answer), "XYZ")).not.toThrow(/hunter2/);
  });
});

describe("a day of the market", () => {
  it("becomes a bar per symbol, without warrants and preferred shares", () => {
    const { facts, refused } = marketDay(marketDayAnswer(["GME", "BRK.B", "A", "BACpE"]));
    expect(facts.map(({ value }) => value)).toMatchObject([
      {
        ...{ symbol: "GME", intervalMs: DAY_MS, vwap: 10.75, close: 11 },
        ...{ happenedAt: Date.UTC(2025, 8, 4, 20), publishedAt: Date.UTC(2025, 8, 5, 0) },
      },
      { symbol: "BRK.B" },
      { symbol: "A" },
    ]);
    expect(refused).toMatchObject([{ symbol: "BACpE", code: "polygon.symbol" }]);
  });

  it("has the same ids as the bars of its symbols", () => {
    const [grouped] = marketDay(marketDayAnswer(["XYZ"])).facts;
    const [single] = bars(barsAnswer()).facts;
    expect(grouped?.id).toBe(single?.id);
    expect(grouped?.value).toEqual(single?.value);
  });

  it("that is not over gives nothing yet, and one without trading nothing at all", () => {
    expect(marketDay(marketDayAnswer(["XYZ"]), Date.UTC(2025, 8, 4, 21)).facts).toEqual([]);
    const closed = { status: "OK", adjusted: false, queryCount: 0, resultsCount: 0 };
    expect(marketDay(closed)).toEqual({ facts: [], refused: [] });
  });

  it("loses a symbol that comes twice, and one of another day", () => {
    expect(codes(marketDay(marketDayAnswer(["A", "B", "A"])))).toEqual(["polygon.repeated"]);
    const other = { T: "C", ...aggregate(Date.UTC(2025, 8, 3, 20)) };
    const results = [{ T: "A", ...aggregate(Date.UTC(2025, 8, 4, 20)) }, other];
    expect(codes(marketDay(marketDayAnswer([], { results, resultsCount: 2 })))).toEqual([
      "polygon.other-date",
    ]);
  });

  it("with fewer rows than it states is refused whole", () => {
    const answer = marketDayAnswer(["A", "B"], { resultsCount: 11_000 });
    expect(() => marketDay(answer)).toThrow(failing("unreadable"));
  });
});

describe("a snapshot", () => {
  it("becomes the newest whole minute with its vwap, and the newest quote, of each ticker", () => {
    const { facts, refused } = snapshot(snapshotAnswer([ticker("GME"), ticker("AMC")]));
    expect(refused).toEqual([]);
    expect(facts.map(({ value }) => value)).toMatchObject([
      {
        ...{ symbol: "GME", kind: "BAR", intervalMs: 60_000, vwap: 10.75, volume: 1_000.5 },
        happenedAt: MINUTE_MS + 60_000,
      },
      {
        ...{ symbol: "GME", kind: "QUOTE", bid: 11, ask: 11.02, close: 11.01, volume: 0 },
        happenedAt: MINUTE_MS + 61_500,
      },
      { symbol: "AMC", kind: "BAR" },
      { symbol: "AMC", kind: "QUOTE" },
    ]);
  });

  it("has the same ids as the minutes of its symbols", () => {
    const [minute] = snapshot(snapshotAnswer([ticker("XYZ")])).facts;
    expect(minute?.id).toBe(bars(barsAnswer(good), MINUTES).facts[0]?.id);
  });

  it("before the first trade of a day, or of one side only, gives what there is", () => {
    const empty = { c: 0, h: 0, l: 0, n: 0, o: 0, t: 0, v: 0, vw: 0, av: 0 };
    const oneSided = { p: 0, P: 11, t: MINUTE_MS * 1e6 };
    expect(snapshot(snapshotAnswer([ticker("A", { min: empty })])).facts).toHaveLength(1);
    expect(snapshot(snapshotAnswer([ticker("A", { lastQuote: oneSided })])).facts).toHaveLength(1);
    const bare = ticker("A", { min: undefined, lastQuote: undefined });
    expect(snapshot(snapshotAnswer([bare]))).toEqual({ facts: [], refused: [] });
  });

  it("leaves out a minute that is still running", () => {
    const { facts } = snapshot(snapshotAnswer([ticker("A")]), null, MINUTE_MS + 59_000);
    expect(facts.map(({ value }) => ("kind" in value ? value.kind : null))).toEqual(["QUOTE"]);
  });

  it.each([
    ["polygon.crossed", { lastQuote: { p: 12, P: 11, t: MINUTE_MS * 1e6 } }],
    ["polygon.future", { lastQuote: { p: 11, P: 12, t: (AT + 600_000) * 1e6 } }],
    ["polygon.shape", { lastQuote: { p: "11", P: 12, t: 1 } }],
    ["domain.time", { lastQuote: { p: 11, P: 12, t: MINUTE_MS } }],
    ["domain.negative", { min: aggregate(MINUTE_MS, { v: -1 }) }],
    ["polygon.shape", { min: aggregate(0, { v: 5 }) }],
    ["polygon.date", { min: aggregate(MINUTE_MS + 1) }],
    ["polygon.future", { min: aggregate(AT + 600_000) }],
  ])("loses the part that is %s (%o) and keeps the other", (code, wrong) => {
    const { facts, refused } = snapshot(snapshotAnswer([ticker("A", wrong)]));
    expect({ facts: facts.length, codes: codes({ refused }) }).toEqual({ facts: 1, codes: [code] });
  });

  it("loses symbols that come twice or that nobody asked for", () => {
    const tickers = ["A", "A", "B", "C", "D", "E"].map((symbol) => ticker(symbol));
    const { facts, refused } = snapshot(snapshotAnswer(tickers), new Set(["A", "B", "C", "D"]));
    expect(new Set(facts.map(({ value }) => value.symbol))).toEqual(new Set(["B", "C", "D"]));
    expect(codes({ refused }).sort()).toEqual([
      ...["polygon.other-symbol", "polygon.other-symbol"],
      ...new Array<string>(4).fill("polygon.repeated"),
    ]);
  });

  it("with fewer tickers than it states is refused whole", () => {
    const answer = snapshotAnswer([ticker("A")], { count: 9_000 });
    expect(() => snapshot(answer)).toThrow(failing("unreadable"));
  });
});
