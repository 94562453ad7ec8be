import type { Options } from "@amc/schemas/generated/events";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { atTheMoneyVolatility } from "@amc/streams/market/options";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CALLS, contractRow, optionsAnswer, PUTS } from "../../testing/yahoo-option-answers.ts";
import { readOptionChain } from "./option-chain.ts";
import { optionFacts } from "./option-facts.ts";

const EVENING = newYorkToUtc("2025-09-05", "19:00");
const CLOSE = newYorkToUtc("2025-09-05", "16:00");

const read = (json: unknown) =>
  readOptionChain({ status: 200, body: Buffer.from(JSON.stringify(json)) }, "XYZ");

function factsOf(json: unknown, at = EVENING) {
  const captured = { at, latencyMs: 80 };
  const provenance = { source: "yahoo", confidence: 0.65, simulated: false, captured };
  return optionFacts(read(json), provenance);
}

function snapshotOf(json: unknown, at = EVENING): Options {
  const { facts } = factsOf(json, at);
  const [fact] = facts;
  if (fact?.topic !== "market.options.v1") throw new Error("no snapshot");
  return fact.value;
}

const codesOf = (json: unknown, at = EVENING) => {
  const { facts, refused } = factsOf(json, at);
  return [facts.length, ...refused.map(({ code }) => code)];
};

describe("a chain of Yahoo's in the evening", () => {
  it("is one snapshot at the close, public since it is here, with the volatility of TV-OPT-01", () => {
    const snapshot = snapshotOf(optionsAnswer());
    expect(snapshot).toMatchObject({
      ...{ symbol: "XYZ", happenedAt: CLOSE, publishedAt: EVENING, capturedAt: EVENING },
      ...{ source: "yahoo", confidence: 0.65, stale: false, simulated: false },
      ...{ underlyingPrice: 10, expiry: "2025-10-05", strike: 10 },
      ...{ callBid: 0.78, callAsk: 0.82, putBid: 0.75, putAsk: 0.79 },
      // What was last traded on another day adds nothing to this one.
      ...{ callVolume: 300, putVolume: 150, callOpenInterest: 10_800, putOpenInterest: 800 },
      ...{ volumeRatio: null, ivPercentile: null },
    });
    // Ours: Yahoo says 0.00001.
    expect(atTheMoneyVolatility(snapshot)).toBeCloseTo(0.68388, 6);
  });

  it("has its wall above the price, where open calls are held against most gamma", () => {
    expect(snapshotOf(optionsAnswer()).gammaWallStrike).toBe(10.5);
    const unquoted = CALLS.map((row) => ({ ...row, openInterest: 0 }));
    expect(snapshotOf(optionsAnswer({ calls: unquoted })).gammaWallStrike).toBeNull();
  });

  it("says nothing of open interest where all of it is 0, as overnight", () => {
    const uncounted = (rows: readonly object[]) => rows.map((row) => ({ ...row, openInterest: 0 }));
    const answer = optionsAnswer({ calls: uncounted(CALLS), puts: uncounted(PUTS) });
    expect(snapshotOf(answer)).toMatchObject({ callOpenInterest: null, putOpenInterest: null });
  });

  it("leaves out contracts that deliver something else than 100 shares", () => {
    const adjusted = { ...contractRow("C", 10), contractSymbol: "XYZ1251005C00010000" };
    const answer = optionsAnswer({ calls: [...CALLS, { ...adjusted, bid: 3, ask: 3.2 }] });
    expect(snapshotOf(answer)).toEqual(snapshotOf(optionsAnswer()));
  });

  it("gives no sums when one of its contracts is refused", () => {
    const calls = [...CALLS, contractRow("C", 12, { bid: -1 })];
    const snapshot = snapshotOf(optionsAnswer({ calls }));
    expect(snapshot).toMatchObject({ strike: 10, callVolume: null, putVolume: null });
    expect(codesOf(optionsAnswer({ calls }))).toEqual([1, "yahoo.option-shape"]);
  });

  it("has another id where it states other figures, and the same where it states the same", () => {
    const idOf = (json: unknown, at: number) => factsOf(json, at).facts[0]?.id;
    const first = idOf(optionsAnswer(), EVENING);
    expect(idOf(optionsAnswer(), EVENING + 60_000)).toBe(first);
    expect(idOf(optionsAnswer({ puts: [] }), EVENING)).not.toBe(first);
  });

  it("is the same whatever the order of its contracts", () => {
    const rows = fc.shuffledSubarray([...CALLS], { minLength: CALLS.length });
    fc.assert(
      fc.property(rows, (calls) => {
        expect(factsOf(optionsAnswer({ calls }))).toEqual(factsOf(optionsAnswer()));
      }),
    );
  });
});

describe("a chain of Yahoo's during the session", () => {
  const NOON_S = newYorkToUtc("2025-09-05", "12:00") / 1000;
  const atNoon = optionsAnswer({ quote: { regularMarketTime: NOON_S } });

  it("is of the last price of the share", () => {
    const at = (NOON_S + 30) * 1000;
    expect(snapshotOf(atNoon, at)).toMatchObject({ happenedAt: NOON_S * 1000, publishedAt: at });
  });

  it("is not used when the share has not traded for more than a quarter of an hour", () => {
    expect(codesOf(atNoon, (NOON_S + 900) * 1000)).toEqual([1]);
    expect(codesOf(atNoon, (NOON_S + 901) * 1000)).toEqual([0, "yahoo.old-price"]);
    // The price of Friday beside quotes of Monday.
    expect(codesOf(optionsAnswer(), newYorkToUtc("2025-09-08", "09:46"))).toEqual([
      0,
      "yahoo.old-price",
    ]);
    expect(codesOf(optionsAnswer(), newYorkToUtc("2025-09-08", "09:29"))).toEqual([1]);
  });
});

describe("a chain of Yahoo's gives no fact with the reason", () => {
  const unquoted = (rows: readonly object[]) => rows.map((row) => ({ ...row, bid: 0, ask: 0 }));
  it.each([
    [
      "without quotes",
      optionsAnswer({ calls: unquoted(CALLS), puts: unquoted(PUTS) }),
      "yahoo.no-quotes",
    ],
    ["without a price", optionsAnswer({ quote: { regularMarketPrice: null } }), "yahoo.no-price"],
    [
      "with no strike near the price",
      optionsAnswer({ quote: { regularMarketPrice: 20 } }),
      "yahoo.no-at-the-money",
    ],
    [
      "whose only expiry is today",
      optionsAnswer({ expirationDates: [Date.UTC(2025, 8, 5) / 1000] }),
      "yahoo.no-near-expiry",
    ],
    [
      "with a price of the future",
      optionsAnswer({ quote: { regularMarketTime: EVENING / 1000 + 1 } }),
      "yahoo.future",
    ],
    [
      "with a price of a Sunday",
      optionsAnswer({ quote: { regularMarketTime: Date.UTC(2025, 7, 31, 18) / 1000 } }),
      "yahoo.date",
    ],
  ])("%s", (_, answer, code) => {
    expect(codesOf(answer)).toEqual([0, code]);
  });

  it("of another symbol, in another currency, or unlike a chain", () => {
    for (const answer of [
      optionsAnswer({ symbol: "ABC" }),
      optionsAnswer({ quote: { currency: "EUR" } }),
      optionsAnswer({ calls: CALLS.map((row) => ({ ...row, strike: "NaN" })), puts: [] }),
      { optionChain: { result: null, error: { code: "Busy" } } },
      { message: "Too many requests" },
    ]) {
      expect(() => read(answer)).toThrow(expect.objectContaining({ code: "provider.unreadable" }));
    }
  });

  it("of a symbol that Yahoo does not know", () => {
    const unknown = { optionChain: { result: [], error: null } };
    expect(() => read(unknown)).toThrow(expect.objectContaining({ code: "provider.not-found" }));
  });
});
