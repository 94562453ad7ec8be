import type { Features, GateResult, Session } from "@amc/schemas/generated/events";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitraryFeatures } from "../testing/arbitrary-features.ts";
import { featuresOf, PASSING } from "../testing/features-builder.ts";
import { findFloatPath } from "./float-path.ts";
import { GATE_NAMES, judgeHardGates } from "./hard-gates.ts";
import { PROFILES, type ProfileName, thresholdsFor } from "./profiles.ts";

function gatesOf(
  known: Partial<Features>,
  session: Session = "REGULAR",
  profileName: ProfileName = "strict",
  overrides = true,
): GateResult[] {
  const profile = PROFILES[profileName];
  const features = featuresOf({ ...PASSING, ...known, session });
  const thresholds = thresholdsFor(profile, session, overrides);
  return judgeHardGates(features, thresholds, profile, findFloatPath(features, profile.floatPaths));
}

/** `gate: reason` of every failed gate. */
function failures(...given: Parameters<typeof gatesOf>): string[] {
  return gatesOf(...given)
    .filter(({ outcome }) => outcome === "FAILED")
    .map(({ gate, reason }) => `${gate}: ${reason}`);
}

describe("hard gates, strict", () => {
  it("TV-GA-01: the passing base passes every gate, in the fixed order", () => {
    expect(failures({})).toEqual([]);
    expect(gatesOf({}).map(({ gate }) => gate)).toEqual(GATE_NAMES);
  });

  it.each([
    ["TV-GA-02: relative volume", { relvol30: 2.49 }, { relvol30: 2.5 }, "min_relvol_30: below"],
    ["volume spike", { volumeSpike: 1.49 }, { volumeSpike: 1.5 }, "min_volume_spike: below"],
    ["ATR", { atrPct: 0.0399 }, { atrPct: 0.04 }, "min_atr_pct: below"],
    [
      "TV-GA-03: VWAP",
      { price: 9.949, vwap: 10 },
      { price: 9.95, vwap: 10 },
      "vwap_reclaim: below",
    ],
    ["TV-GA-05: RSI above", { rsi14: 70.01 }, { rsi14: 70 }, "rsi_band: above"],
    ["RSI below", { rsi14: 59.99 }, { rsi14: 60 }, "rsi_band: below"],
    ["EMA cross", { ema9: 9.9, ema20: 9.9 }, { ema9: 9.91, ema20: 9.9 }, "ema_cross: below"],
    ["float", { floatShares: 75e6 + 1 }, { floatShares: 75e6 }, "float_path: path:none"],
    ["low price", { price: 0.09, vwap: 0.09 }, { price: 0.1, vwap: 0.1 }, "price_range: below"],
    ["high price", { price: 100.01, vwap: 100 }, { price: 100, vwap: 100 }, "price_range: above"],
    [
      "dollar volume",
      { dollarVolume: 49_999 },
      { dollarVolume: 50_000 },
      "min_dollar_volume: below",
    ],
  ])("%s fails just beyond its limit and passes at it", (_, beyond, at, failure) => {
    expect(failures(beyond)).toEqual([failure]);
    expect(failures(at)).toEqual([]);
  });

  it.each([
    [{ relvol30: null }, "min_relvol_30: missing:relvol_30"],
    [{ volumeSpike: null }, "min_volume_spike: missing:volume_spike"],
    [{ atrPct: null }, "min_atr_pct: missing:atr"],
    [{ vwap: null }, "vwap_reclaim: missing:vwap"],
    [{ rsi14: null }, "rsi_band: missing:rsi"],
    [{ ema20: null }, "ema_cross: missing:ema"],
    [{ floatShares: null }, "float_path: missing:float"],
    [{ dollarVolume: null }, "min_dollar_volume: missing:dollar_volume"],
  ])("TV-GA-04: %o fails as missing", (known, failure) => {
    expect(failures(known)).toEqual([failure]);
  });

  it("names the halt or the jump of a symbol nobody should act on", () => {
    expect(failures({ flags: ["halted"] })).toEqual(["tradable: halted"]);
    expect(failures({ flags: ["suspect:unexplained-jump"] })).toEqual([
      "tradable: suspect:unexplained-jump",
    ]);
    expect(failures({ flags: ["suspect-print", "late-fact"] })).toEqual([]);
  });

  it("asks no VWAP of a daily bar, and says so", () => {
    const vwap = gatesOf({ trigger: "DAILY", intraday: false, vwap: null })[3];
    expect(vwap).toMatchObject({
      outcome: "NOT_APPLICABLE",
      hard: true,
      reason: "daily-resolution",
    });
  });
});

describe("session overrides", () => {
  it("TV-GA-02: premarket asks for relative volume 3.0", () => {
    const base = { atrPct: 0.05 };
    expect(failures({ ...base, relvol30: 3 }, "PREMARKET")).toEqual([]);
    expect(failures({ ...base, relvol30: 2.99 }, "PREMARKET")).toEqual(["min_relvol_30: below"]);
  });

  it("premarket asks for 2,000,000 USD, a higher ATR and no VWAP", () => {
    expect(failures({ dollarVolume: 1_999_999 }, "PREMARKET")).toEqual([
      "min_dollar_volume: below",
    ]);
    expect(failures({ dollarVolume: 2_000_000 }, "PREMARKET")).toEqual([]);
    expect(failures({ atrPct: 0.0499 }, "PREMARKET")).toEqual(["min_atr_pct: below"]);
    expect(gatesOf({ price: 5, vwap: 10 }, "PREMARKET")[3]).toMatchObject({
      outcome: "NOT_APPLICABLE",
      reason: "not-required",
      hard: false,
      margin: expect.closeTo((5 - 9.95) / 9.95, 9),
    });
  });

  it("afterhours asks for 2.8, 1,000,000 USD and confirmed momentum", () => {
    expect(failures({}, "AFTERHOURS")).toEqual([]);
    expect(failures({ relvol30: 2.79 }, "AFTERHOURS")).toEqual(["min_relvol_30: below"]);
    expect(failures({ dollarVolume: 999_999 }, "AFTERHOURS")).toEqual(["min_dollar_volume: below"]);
    expect(failures({ priceChange5d: 0 }, "AFTERHOURS")).toEqual([]);
    expect(failures({ priceChange5d: -0.0001 }, "AFTERHOURS")).toEqual([
      "momentum_confirmation: below",
    ]);
    expect(failures({ priceChange5d: null }, "AFTERHOURS")).toEqual([
      "momentum_confirmation: missing:momentum",
    ]);
  });

  it("switched off, the regular limits hold all day", () => {
    const known = { relvol30: 2.5, atrPct: 0.04, dollarVolume: 50_000, priceChange5d: -0.5 };
    for (const session of ["PREMARKET", "AFTERHOURS"] as const) {
      expect(failures(known, session, "strict", false)).toEqual([]);
    }
  });
});

describe("profiles", () => {
  it.each([
    ["active", "PREMARKET", 2.0, 0.03],
    ["active", "REGULAR", 0.5, 0.02],
    ["active", "AFTERHOURS", 1.8, 0.03],
    ["proposed", "PREMARKET", 0.8, 0.02],
    ["proposed", "REGULAR", 0.3, 0.015],
    ["proposed", "AFTERHOURS", 0.6, 0.02],
  ] as const)("%s in %s passes at relative volume %d and ATR %d", (name, session, relvol, atr) => {
    expect(failures({ relvol30: relvol, atrPct: atr }, session, name)).toEqual([]);
    expect(failures({ relvol30: relvol - 0.01, atrPct: atr }, session, name)).toEqual([
      "min_relvol_30: below",
    ]);
    expect(failures({ relvol30: relvol, atrPct: atr - 0.001 }, session, name)).toEqual([
      "min_atr_pct: below",
    ]);
  });

  it("active requires neither VWAP nor the RSI band, and a spike of 1.2", () => {
    const known = { price: 5, vwap: 10, rsi14: 85, volumeSpike: 1.2 };
    expect(failures(known, "REGULAR", "active")).toEqual([]);
    expect(failures({ ...known, volumeSpike: 1.19 }, "REGULAR", "active")).toEqual([
      "min_volume_spike: below",
    ]);
    expect(failures({ ...known, vwap: null, rsi14: null }, "REGULAR", "active")).toEqual([]);
  });

  it("change neither labels nor the confidence needed", () => {
    for (const profile of Object.values(PROFILES)) {
      expect(profile.labels).toEqual({ watchlist: 0.7, tradeReady: 0.75 });
      expect(profile.listedConfidence).toBe(0.4);
      expect(profile.softPass.maxPerRun).toBe(0);
    }
  });
});

describe("margins", () => {
  it("are never positive for a failed gate and never negative for a passed one", () => {
    fc.assert(
      fc.property(arbitraryFeatures, (features) => {
        for (const { outcome, margin } of gatesOf(features)) {
          if (margin === null || outcome === "NOT_APPLICABLE") continue;
          if (outcome === "FAILED") expect(margin).toBeLessThanOrEqual(0);
          else expect(margin).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});
