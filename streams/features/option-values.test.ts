import type { Options } from "@amc/schemas/generated/events";
import { describe, expect, it } from "vitest";
import { uuidOf } from "../kernel/ids.ts";
import { readStored, storedBytes } from "../kernel/state-codec.ts";
import { addTradingDays } from "../market/calendar.ts";
import { newYorkToUtc } from "../market/event-time.ts";
import { DEFAULT_SHORT_INTEREST } from "../short-interest/rules.ts";
import { REFERENCE_CODEC } from "./reference-codec.ts";
import { EMPTY_REFERENCE, type ReferenceState, withOptions } from "./reference-state.ts";
import { referenceValues } from "./reference-values.ts";

const LAST_DAY = "2025-03-14";

/** A snapshot whose call costs `callMid`: with all else equal, dearer means more volatile. */
function snapshot(day: string, callMid: number, fields: Partial<Options> = {}): Options {
  const happenedAt = newYorkToUtc(day, "15:45");
  return {
    symbol: "GME",
    happenedAt,
    publishedAt: happenedAt,
    capturedAt: happenedAt,
    source: "test-vendor",
    confidence: 0.9,
    stale: false,
    providerLatencyMs: null,
    simulated: true,
    underlyingPrice: 100,
    // The same number of days ahead of every snapshot, so that price alone moves the volatility.
    expiry: addCalendarDays(day, 30),
    strike: 100,
    callBid: callMid - 0.01,
    callAsk: callMid + 0.01,
    putBid: callMid - 0.01,
    putAsk: callMid + 0.01,
    callVolume: null,
    putVolume: null,
    callOpenInterest: null,
    putOpenInterest: null,
    gammaWallStrike: null,
    volumeRatio: null,
    ivPercentile: null,
    ...fields,
  };
}

function addCalendarDays(day: string, days: number): string {
  return new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);
}

function taken(snapshots: readonly Options[], from: ReferenceState = EMPTY_REFERENCE) {
  return snapshots.reduce(
    (state, one) => withOptions(state, uuidOf(JSON.stringify(one)), one),
    from,
  );
}

/** Days before the last one, newest last, with the call prices given. */
function daysBefore(callMids: readonly number[]): Options[] {
  return callMids.map((mid, index) =>
    snapshot(addTradingDays(LAST_DAY, index - callMids.length), mid),
  );
}

function valuesOf(state: ReferenceState) {
  const { values, flags, missing, used } = referenceValues(
    state,
    { adv30: null, sessions: 0 },
    DEFAULT_SHORT_INTEREST,
    newYorkToUtc(LAST_DAY, "15:50"),
  );
  return {
    percentile: values.ivPercentile,
    flags,
    missing: missing.find(({ feature }) => feature === "ivPercentile"),
    history: used.find(({ role }) => role === "volatilityHistory")?.facts.length ?? null,
  };
}

const ascending = (count: number): number[] =>
  Array.from({ length: count }, (_, index) => 4 + index / 100);

describe("the IV percentile", () => {
  it("is 75 with 189 of 252 days below today's (TV-OPT-03)", () => {
    // 4.00, 4.01 … 6.51: of these 189 lie below 5.885.
    const state = taken([...daysBefore(ascending(252)), snapshot(LAST_DAY, 5.885)]);
    expect(valuesOf(state)).toMatchObject({ percentile: 75, flags: [], history: 252 });
  });

  it("warms up over 60 days and says how many it has", () => {
    const short = taken([...daysBefore(ascending(59)), snapshot(LAST_DAY, 9)]);
    expect(valuesOf(short)).toMatchObject({
      percentile: null,
      missing: { reason: "warming-up", have: 59, need: 60 },
      history: 59,
    });
    const enough = taken([...daysBefore(ascending(60)), snapshot(LAST_DAY, 9)]);
    expect(valuesOf(enough)).toMatchObject({ percentile: 100, missing: undefined });
  });

  it("marks room to expand up to the 20th percentile and not above it", () => {
    const history = daysBefore(ascending(100));
    expect(valuesOf(taken([...history, snapshot(LAST_DAY, 4.195)]))).toMatchObject({
      percentile: 20,
      flags: ["iv-expansion-potential"],
    });
    expect(valuesOf(taken([...history, snapshot(LAST_DAY, 4.205)]))).toMatchObject({
      percentile: 21,
      flags: [],
    });
  });

  it("is the vendor's where the vendor states it, and then uses no history", () => {
    const stated = snapshot(LAST_DAY, 9, { ivPercentile: 12.5 });
    expect(valuesOf(taken([...daysBefore(ascending(252)), stated]))).toEqual({
      percentile: 12.5,
      flags: ["iv-expansion-potential"],
      missing: undefined,
      history: null,
    });
  });

  it("is unknown without a quote at the money, however long the history", () => {
    const unquoted = snapshot(LAST_DAY, 9, { callBid: null, callAsk: null });
    expect(valuesOf(taken([...daysBefore(ascending(252)), unquoted]))).toMatchObject({
      percentile: null,
      missing: { reason: "no-source" },
      flags: [],
    });
  });
});

describe("the volatility history", () => {
  it("keeps the last snapshot of each day that is over, a year of them", () => {
    const early = (day: string) => snapshot(day, 20, { happenedAt: newYorkToUtc(day, "10:00") });
    const days = daysBefore(ascending(260)).flatMap((last) => [
      early(new Date(last.happenedAt).toISOString().slice(0, 10)),
      last,
    ]);
    const state = taken([...days, early(LAST_DAY), snapshot(LAST_DAY, 5)]);
    expect(state.volatilities).toHaveLength(252);
    expect(new Set(state.volatilities.map(({ happenedAt }) => happenedAt)).size).toBe(252);
    const dearest = Math.max(...state.volatilities.map(({ iv }) => iv ?? Number.NaN));
    const [newest, ...rest] = state.volatilities;
    expect(newest?.iv).toBe(dearest);
    expect(rest.at(-1)?.happenedAt).toBe(days.at(17)?.happenedAt);
  });

  it("does not count a day that ended without a quote", () => {
    const history = daysBefore(ascending(60)).map((one, index) =>
      index === 30 ? { ...one, callBid: null, callAsk: null } : one,
    );
    expect(valuesOf(taken([...history, snapshot(LAST_DAY, 9)]))).toMatchObject({
      percentile: null,
      missing: { reason: "warming-up", have: 59, need: 60 },
    });
  });

  it("is not touched by a snapshot that comes after a newer one", () => {
    const state = taken([...daysBefore(ascending(70)), snapshot(LAST_DAY, 9)]);
    const old = snapshot(addTradingDays(LAST_DAY, -3), 30);
    expect(taken([old], state)).toBe(state);
  });

  it("is the same after it was stored and read", () => {
    const state = taken([...daysBefore(ascending(70)), snapshot(LAST_DAY, 9)]);
    const at = { store: "features.reference", key: "GME" };
    expect(readStored(at, REFERENCE_CODEC, storedBytes(REFERENCE_CODEC, state))).toEqual(state);
  });
});
