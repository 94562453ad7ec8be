import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitraryEvent } from "./testing/arbitrary-event.ts";
import type { EventOf, TopicName } from "./topics.ts";
import { validateFact } from "./validate.ts";

/** The edge of reliability.md B4, B5, B8, B10 and domain-facts §0, case by case. */

function sample<T extends TopicName>(topic: T): EventOf<T> {
  const [event] = fc.sample(arbitraryEvent(topic), { numRuns: 1, seed: 6 });
  if (event === undefined) throw new Error("a sample was asked for");
  return event;
}

function verdict<T extends TopicName>(topic: T, change: Partial<EventOf<T>>): string {
  const found = validateFact(topic, { ...sample(topic), ...change });
  return found === null ? "valid" : `${found.code} ${found.field}`;
}

const TICK = "market.price-tick.v1";
const CAPTURED = Date.UTC(2021, 0, 13, 14, 30);
const MINUTE = 60_000;
const times = { happenedAt: CAPTURED, publishedAt: CAPTURED, capturedAt: CAPTURED };
const prices = { open: 20, high: 21, low: 19, close: 20.5 };

describe("a symbol", () => {
  it.each(["A", "GME", "BRK.B", "^VIX", "ES=F", "A-B", "0123456789"])("may be %s", (symbol) => {
    expect(verdict(TICK, { symbol })).toBe("valid");
  });

  it.each([
    "",
    "gme",
    "ABCDEFGHIJK",
    "GM E",
    "GME\u0000",
    "GМE",
    "$GME",
    "__proto__",
    "A".repeat(1e6),
  ])("may not be %j", (symbol) => {
    expect(verdict(TICK, { symbol })).toBe("domain.symbol symbol");
  });

  it("is what the regular expression of the specification says", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(..."AZ09.^=-az \u0000é/".split("")), maxLength: 12 }),
        (symbol) => {
          const allowed = /^[A-Z0-9.^=-]{1,10}$/.test(symbol);
          expect(verdict(TICK, { symbol }) === "valid").toBe(allowed);
        },
      ),
    );
  });
});

describe("the time of a fact", () => {
  it("may lie up to five minutes after its capture", () => {
    const at = (happenedAt: number) => verdict(TICK, { ...times, happenedAt });
    expect(at(CAPTURED + 5 * MINUTE)).toBe("valid");
    expect(at(CAPTURED + 5 * MINUTE + 1)).toBe("domain.time-ahead happenedAt");
    expect(verdict(TICK, { ...times, publishedAt: CAPTURED + 6 * MINUTE })).toBe(
      "domain.time-ahead publishedAt",
    );
  });

  it("may lie as far back as 1970", () => {
    const happenedAt = Date.UTC(1970, 2, 2);
    expect(verdict(TICK, { ...times, happenedAt })).toBe("valid");
  });

  it.each([
    ["before 1970", -1],
    ["in seconds", CAPTURED / 1000],
    ["in microseconds", CAPTURED * 1000],
    ["in nanoseconds, as far as they fit", 2 ** 53 - 2],
    ["in 2262", Date.UTC(2262, 3, 11)],
  ])("may not be stamped %s", (_, stamp) => {
    const all = { happenedAt: stamp, publishedAt: stamp, capturedAt: stamp };
    expect(verdict(TICK, all)).toBe("domain.time capturedAt");
    expect(verdict(TICK, { ...times, happenedAt: stamp })).toBe("domain.time happenedAt");
  });

  it("is not asked to lie in the past where it announces something", () => {
    const ahead = CAPTURED + 30 * 86_400_000;
    expect(verdict("market.corporate-action.v1", { ...times, effectiveAt: ahead })).toBe("valid");
    expect(verdict("market.news.v1", { ...times, eventAt: ahead })).toBe("valid");
  });
});

describe("a price tick", () => {
  it("of a plain bar passes", () => {
    expect(verdict(TICK, { ...times, ...prices })).toBe("valid");
  });

  it("that did not move, or of no volume, passes", () => {
    const flat = { open: 20, high: 20, low: 20, close: 20, volume: 0 };
    expect(verdict(TICK, flat)).toBe("valid");
  });

  it("whose high is a bad print passes, because markets print them", () => {
    expect(verdict(TICK, { ...prices, high: 507.76 })).toBe("valid");
  });

  it.each([
    [{ high: 18.9, low: 19 }, "domain.high-below-low high"],
    [{ high: 20.4 }, "domain.outside-range high"],
    [{ low: 20.1 }, "domain.outside-range low"],
    [{ open: 20.5, close: 20, low: 20.1 }, "domain.outside-range low"],
    [{ open: 22 }, "domain.outside-range high"],
    [{ open: 0 }, "domain.price open"],
    [{ close: -1 }, "domain.price close"],
    [{ low: 5e-324 }, "domain.price low"],
    [{ high: 1e308 }, "domain.price high"],
    [{ open: Number.NaN }, "domain.price open"],
    [{ high: Number.POSITIVE_INFINITY }, "domain.price high"],
    [{ volume: -1 }, "domain.negative volume"],
    [{ volume: 1e308 }, "domain.out-of-range volume"],
    [{ vwap: 0 }, "domain.price vwap"],
    [{ bid: 0 }, "domain.price bid"],
    [{ ask: Number.NaN }, "domain.price ask"],
    [{ tradeCount: -1 }, "domain.negative tradeCount"],
    [{ intervalMs: -1 }, "domain.out-of-range intervalMs"],
    [{ confidence: 1.01 }, "domain.out-of-range confidence"],
    [{ providerLatencyMs: -1 }, "domain.out-of-range providerLatencyMs"],
  ])("with %j is refused", (change, expected) => {
    expect(verdict(TICK, { ...prices, ...change })).toBe(expected);
  });
});

describe("text", () => {
  const headlineOf = (headline: string) => verdict("market.news.v1", { headline });

  it("of 500 characters is the longest headline, and an empty one is none", () => {
    expect(headlineOf("x".repeat(500))).toBe("valid");
    expect(headlineOf("x".repeat(501))).toBe("domain.length headline");
    expect(headlineOf("")).toBe("domain.length headline");
  });

  it.each(["\u0000", "\n", "\u001b[31m", "\u007f", "\u0085", "\u202e", "\u2066"])(
    "with %j is refused",
    (control) => {
      const refused = "domain.control-character headline";
      expect(headlineOf(`GameStop ${control} surges`)).toBe(refused);
    },
  );

  it("in other scripts and with emoji passes", () => {
    expect(headlineOf("ゲームストップ株が急騰 – “to the moon” 🚀 שלום")).toBe("valid");
  });

  it("of a source is checked even after a good one passed", () => {
    expect(verdict(TICK, { source: "polygon" })).toBe("valid");
    expect(verdict(TICK, { source: "poly\u0000gon" })).toBe("domain.control-character source");
    expect(verdict(TICK, { source: "" })).toBe("domain.length source");
    expect(verdict(TICK, { source: "polygon" })).toBe("valid");
  });
});

describe("other facts", () => {
  it.each([
    ["2021-02-30", false],
    ["2021-02-28", true],
    ["2020-02-29", true],
    ["2021-2-28", false],
    ["20210228", false],
    ["2021-13-01", false],
    ["", false],
  ])("have the date %j: %s", (settlementDate, valid) => {
    const expected = valid ? "valid" : "domain.date settlementDate";
    expect(verdict("short.interest.v1", { settlementDate })).toBe(expected);
  });

  it("state what their kind of corporate action needs", () => {
    const topic = "market.corporate-action.v1";
    expect(verdict(topic, { action: "SPLIT", ratio: null })).toBe("domain.missing ratio");
    expect(verdict(topic, { action: "SPLIT", ratio: 0 })).toBe("domain.out-of-range ratio");
    expect(verdict(topic, { action: "SYMBOL_CHANGE", newSymbol: null })).toBe(
      "domain.missing newSymbol",
    );
    expect(verdict(topic, { action: "SYMBOL_CHANGE", newSymbol: "x" })).toBe(
      "domain.symbol newSymbol",
    );
    const delisting = { action: "DELISTING", ratio: null, newSymbol: null } as const;
    expect(verdict(topic, delisting)).toBe("valid");
  });

  it("state reference values in their own unit", () => {
    const topic = "market.reference.v1";
    expect(verdict(topic, { field: "FLOAT_SHARES", value: 0 })).toBe("domain.out-of-range value");
    expect(verdict(topic, { field: "SHARES_OUTSTANDING", value: -5 })).toBe(
      "domain.negative value",
    );
    expect(verdict(topic, { field: "UTILISATION", value: 97 })).toBe("domain.out-of-range value");
    expect(verdict(topic, { field: "SHORT_SALE_THRESHOLD", value: 0.5 })).toBe(
      "domain.out-of-range value",
    );
    expect(verdict(topic, { field: "BORROW_FEE", value: 0.83 })).toBe("valid");
  });

  it("never count fewer than none, nor more short than traded", () => {
    expect(verdict("short.interest.v1", { sharesShort: -1 })).toBe("domain.negative sharesShort");
    expect(verdict("short.fails-to-deliver.v1", { quantity: -1 })).toBe("domain.negative quantity");
    expect(verdict("short.volume.v1", { shortVolume: 11, totalVolume: 10 })).toBe(
      "domain.out-of-range shortVolume",
    );
    expect(verdict("market.options.v1", { callVolume: -1 })).toBe("domain.negative callVolume");
    expect(verdict("market.options.v1", { ivPercentile: 101 })).toBe(
      "domain.out-of-range ivPercentile",
    );
  });

  it("keep polarity and credibility on their scales", () => {
    expect(verdict("market.news.v1", { polarity: -1.1 })).toBe("domain.out-of-range polarity");
    expect(verdict("market.news.v1", { credibility: 1.1 })).toBe("domain.out-of-range credibility");
  });

  it("are about something, when they are derived", () => {
    expect(verdict("signals.verdict.v1", { symbol: "" })).toBe("domain.symbol symbol");
    expect(verdict("discovery.run.v1", { happenedAt: -1 })).toBe("domain.time happenedAt");
  });
});

describe("a position", () => {
  const POSITION = "portfolio.position.v1";
  const open = { quantity: 100, averageEntryPrice: 18.5 };

  it.each([
    ["long", open],
    ["short", { ...open, quantity: -100 }],
    ["a part of a share", { ...open, quantity: 0.000000001 }],
    ["of unknown cost", { quantity: 3, averageEntryPrice: null }],
    ["closed", { quantity: 0, averageEntryPrice: null }],
    ["of a short value", { ...open, statedMarketValue: -1850 }],
  ])("may be %s", (_, change) => {
    expect(verdict(POSITION, change)).toBe("valid");
  });

  it.each([
    ["closed at a price", { quantity: 0, averageEntryPrice: 1 }, "domain.closed averageEntryPrice"],
    ["entered for nothing", { ...open, averageEntryPrice: 0 }, "domain.price averageEntryPrice"],
    ["of more shares than exist", { ...open, quantity: -1.1e14 }, "domain.out-of-range quantity"],
    [
      "worth more than any company",
      { statedMarketValue: 1.1e13 },
      "domain.out-of-range statedMarketValue",
    ],
    ["at a stated price of 0", { ...open, statedPrice: 0 }, "domain.price statedPrice"],
    ["of no account", { account: "" }, "domain.account account"],
    ["of an account with a separator", { account: "a/b" }, "domain.account account"],
    ["of an account too long for a key", { account: "a".repeat(65) }, "domain.account account"],
  ])("may not be %s", (_, change, expected) => {
    expect(verdict(POSITION, change)).toBe(expected);
  });
});
