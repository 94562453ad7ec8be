import { isProviderError } from "@amc/platform/http/provider-error";
import { validateFact } from "@amc/schemas/validate";
import { atTheMoneyVolatility, snapshotConfidence } from "@amc/streams/market/options";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  CHAIN,
  chainAnswer,
  contract,
  DATE,
  NEAR_EXPIRY,
  NOTES,
} from "../../testing/alpha-vantage-answers.ts";
import { readChain } from "./chain.ts";
import { chainFacts } from "./chain-facts.ts";

const AT = Date.UTC(2025, 8, 6, 12);
const CLOSE_MS = Date.UTC(2025, 8, 5, 20);
const provenanceAt = (at: number) => ({
  ...{ source: "alpha-vantage", confidence: 0.75, simulated: false },
  captured: { at, latencyMs: 80 },
});
const httpOf = (json: unknown) => ({ status: 200, body: Buffer.from(JSON.stringify(json)) });
const collect = (answer: unknown, underlyingClose: number | null = 10, at = AT) => {
  const terms = { symbol: "XYZ", date: DATE, underlyingClose };
  return chainFacts(readChain(httpOf(answer), "XYZ", DATE), terms, provenanceAt(at));
};
const snapshotOf = (answer: unknown, close: number | null = 10) => {
  const [fact] = collect(answer, close).facts;
  if (fact?.topic !== "market.options.v1") throw new TypeError("no snapshot");
  return fact.value;
};
const codes = (answer: unknown, close: number | null = 10, at = AT) =>
  collect(answer, close, at).refused.map(({ code }) => code);
const failing = (code: string) =>
  expect.toSatisfy((error) => isProviderError(error) && error.code === `provider.${code}`);

describe("a chain of options", () => {
  it("becomes a snapshot of the nearest expiry at the close, with sums and the gamma wall", () => {
    expect(collect(chainAnswer()).refused).toEqual([]);
    expect(snapshotOf(chainAnswer())).toMatchObject({
      ...{ symbol: "XYZ", source: "alpha-vantage", confidence: 0.75, stale: false },
      ...{ happenedAt: CLOSE_MS, publishedAt: AT, capturedAt: AT },
      ...{ underlyingPrice: 10, expiry: NEAR_EXPIRY, strike: 10 },
      ...{ callBid: 0.78, callAsk: 0.82, putBid: 0.75, putAsk: 0.79 },
      // Calls 9, 10, 10.5, 11 and puts 9, 10, 10.5 of the expiry, by hand.
      ...{ callVolume: 400, putVolume: 150, callOpenInterest: 11_500, putOpenInterest: 1_200 },
      // 10.5 has 1000 x 0.3, 11 has 1100 x 0.2, and 9 lies below the share.
      ...{ gammaWallStrike: 10.5, volumeRatio: null, ivPercentile: null },
    });
  });

  it("is public with its open interest, before the next regular session, or when it was here", () => {
    const monday = Date.UTC(2025, 8, 8, 13, 30);
    const publishedAt = (data: typeof CHAIN, at: number) =>
      collect(chainAnswer(data), 10, at).facts.map(({ value }) => value.publishedAt);
    expect(publishedAt(CHAIN, monday + 86_400_000)).toEqual([monday]);
    expect(publishedAt(CHAIN, monday)).toEqual([monday]);
    expect(publishedAt(CHAIN, monday - 1)).toEqual([monday - 1]);
    const uncounted = CHAIN.map((each) => ({ ...each, open_interest: "" }));
    expect(publishedAt(uncounted, monday)).toEqual([CLOSE_MS + 4 * 3_600_000]);
  });

  it("implies the volatility of TV-OPT-01 and, six hours later, the confidence of TV-OPT-02", () => {
    const snapshot = snapshotOf(chainAnswer());
    expect(atTheMoneyVolatility(snapshot)).toBeCloseTo(0.68388, 6);
    const { callBid, callAsk, putBid, putAsk } = snapshot;
    const quotes = [
      { bid: callBid ?? 0, ask: callAsk ?? 0 },
      { bid: putBid ?? 0, ask: putAsk ?? 0 },
    ];
    expect(snapshotConfidence(quotes, 6)).toBeCloseTo(0.568182, 6);
  });

  it("without a close of the underlying has the strike where call and put meet, and no wall", () => {
    expect(snapshotOf(chainAnswer(), null)).toMatchObject({
      ...{ underlyingPrice: null, strike: 10, gammaWallStrike: null, callVolume: 400 },
    });
    expect(atTheMoneyVolatility(snapshotOf(chainAnswer(), null))).toBeNull();
  });

  it("is the same statement when asked again, and another one beside a close known later", () => {
    const id = (close: number | null, at = AT) =>
      collect(chainAnswer(), close, at).facts.map((fact) => fact.id);
    expect(id(10, AT + 3_600_000)).toEqual(id(10));
    expect(id(10)).not.toEqual(id(null));
  });

  it("has no side where nobody bids", () => {
    expect(snapshotOf(chainAnswer(), 10.5)).toMatchObject({
      ...{ strike: 10.5, putBid: null, putAsk: null, callBid: 0.78 },
    });
  });

  it("is stale when it is asked for more than a day after the close (R-ING-18)", () => {
    const staleAt = (at: number) => collect(chainAnswer(), 10, at).facts[0]?.value.stale;
    expect(staleAt(CLOSE_MS + 86_400_000)).toBe(false);
    expect(staleAt(CLOSE_MS + 86_400_001)).toBe(true);
  });

  it.each([
    ["alpha-vantage.no-near-expiry", [contract("call", 10, { expiration: "2025-11-05" })], 10, AT],
    ["alpha-vantage.no-near-expiry", [contract("call", 10, { expiration: DATE })], 10, AT],
    ["alpha-vantage.no-at-the-money", CHAIN, 12.5, AT],
    ["alpha-vantage.no-at-the-money", [contract("call", 10)], null, AT],
    ["alpha-vantage.not-over", CHAIN, 10, CLOSE_MS + 3_600_000],
  ])("gives no fact with the reason %s (R-ING-07)", (code, data, close, at) => {
    expect(collect(chainAnswer(data), close, at).facts).toEqual([]);
    expect(codes(chainAnswer(data), close, at)).toEqual([code]);
  });

  it("of a day that nothing is known of gives nothing", () => {
    const none = { endpoint: "Historical Options", message: "No data for symbol XYZ", data: [] };
    expect(collect(none)).toEqual({ facts: [], refused: [] });
  });

  it.each([
    ["alpha-vantage.shape", { bid: "NaN" }],
    ["alpha-vantage.shape", { ask: "-0.80" }],
    ["alpha-vantage.shape", { strike: "0.00" }],
    ["alpha-vantage.shape", { volume: 100 }],
    ["alpha-vantage.shape", { type: "straddle" }],
    ["alpha-vantage.shape", { expiration: "2025-09-31" }],
    ["alpha-vantage.other-symbol", { symbol: "ABC" }],
    ["alpha-vantage.other-date", { date: "2025-09-08" }],
    ["alpha-vantage.repeated", {}],
  ])("loses the contract that is %s (%o), and with it the sums it belongs to", (code, wrong) => {
    const answer = chainAnswer([...CHAIN, contract("call", 10, wrong)]);
    expect(codes(answer)).toEqual([code]);
    expect(snapshotOf(answer)).toMatchObject({
      ...{ strike: 10, callBid: 0.78, callVolume: null, putOpenInterest: null },
      gammaWallStrike: null,
    });
  });

  it("has no sum of a figure that one contract does not state", () => {
    const answer = chainAnswer([...CHAIN, contract("call", 9.5, { volume: "" })]);
    expect(snapshotOf(answer)).toMatchObject({ callVolume: null, callOpenInterest: 11_900 });
  });

  it("names the field that is wrong", () => {
    const { refused } = collect(chainAnswer([...CHAIN, contract("put", 11, { bid: "NaN" })]));
    expect(refused[0]?.message).toBe("bid: must be a decimal that is not negative");
  });

  it("most of which is absurd is refused whole", () => {
    const wrong = [1, 2, 3].map((strike) => contract("call", strike, { symbol: "ABC" }));
    expect(() => collect(chainAnswer([...wrong, contract("call", 10)]))).toThrow(
      failing("unreadable"),
    );
  });

  it("gives at most one fact, and none that no market can have, whatever it holds", () => {
    const text = fc.constantFrom("", "0", "0.5", "1e-3", "NaN", "-1", "12.25", "abc", "1e400");
    const row = fc.oneof(
      fc.constantFrom(...CHAIN),
      fc
        .record({ bid: text, ask: text, volume: text, gamma: text, strike: text })
        .map((parts) => contract("call", 10, parts)),
    );
    const close = fc.constantFrom(null, 10, 10.4, 1e9, 0.001);
    fc.assert(
      fc.property(fc.array(row, { maxLength: 12 }), close, (rows, underlying) => {
        try {
          const { facts } = collect(chainAnswer(rows), underlying);
          expect(facts.length).toBeLessThanOrEqual(1);
          for (const { topic, value } of facts) expect(validateFact(topic, value)).toBeNull();
        } catch (error) {
          if (!isProviderError(error, "provider.unreadable")) throw error;
        }
      }),
    );
  });
});

describe("what Alpha Vantage says in place of data, with status 200", () => {
  it.each([
    ["rate-limited", { Note: NOTES.minute }],
    ["rate-limited", { Information: NOTES.day }],
    ["refused", { Information: NOTES.premium }],
    ["refused", { Information: NOTES.demo }],
    ["refused", { "Error Message": "the parameter apikey is invalid or missing." }],
    ["bad-request", { "Error Message": "Invalid API call. Please retry." }],
    ["unreadable", { Information: "Service notice." }],
    ["unreadable", {}],
    ["unreadable", []],
    ["unreadable", { endpoint: "Historical Options", message: "success", data: {} }],
    ["unreadable", { endpoint: "Historical Options", message: "oops", data: CHAIN }],
  ])("is %s: %o (R-ING-06)", (code, json) => {
    expect(() => collect(json)).toThrow(failing(code));
  });

  it("is not repeated, because it states the key", () => {
    expect(() => collect({ Information: NOTES.day })).not.toThrow(/canary/);
  });
});
