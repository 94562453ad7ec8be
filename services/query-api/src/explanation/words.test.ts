import type { GateResult } from "@amc/schemas/generated/events";
import { MISSING_REASONS } from "@amc/streams/features/missing-values";
import { describe, expect, it } from "vitest";
import { gateSentence } from "./gate-words.ts";
import { missingSentence } from "./missing-words.ts";
import { easternTime, written } from "./quantities.ts";

const GATE: GateResult = {
  gate: "min_relvol_30",
  outcome: "PASSED",
  hard: true,
  value: 2.75,
  threshold: 2.5,
  margin: 0.1,
  reason: null,
};

describe("a gate in words", () => {
  it("says what was seen, the limit and the distance", () => {
    expect(gateSentence(GATE)).toBe(
      "Relative volume passed: 2.75× against a limit of 2.5×, 10 % to spare.",
    );
    expect(
      gateSentence({ ...GATE, outcome: "FAILED", value: 2.45, margin: -0.02, reason: "below" }),
    ).toBe("Relative volume failed: 2.45× against a limit of 2.5×, 2.0 % short of it.");
    expect(gateSentence({ ...GATE, value: 10, margin: 3 })).toContain("4× the limit");
    expect(gateSentence({ ...GATE, value: 2.5, margin: 0 })).toContain("exactly at it");
  });

  it("names an unknown input instead of giving it a value", () => {
    const missing: GateResult = {
      ...GATE,
      gate: "min_atr_pct",
      outcome: "FAILED",
      value: null,
      margin: null,
      reason: "missing:atr",
    };
    expect(gateSentence(missing)).toBe("Daily range (ATR) failed: the ATR is not known.");
  });

  it("says why a gate was not asked", () => {
    const notAsked: GateResult = {
      ...GATE,
      gate: "vwap_reclaim",
      outcome: "NOT_APPLICABLE",
      reason: "daily-resolution",
    };
    expect(gateSentence(notAsked)).toBe(
      "Price against VWAP does not apply here: the source has daily bars only.",
    );
  });

  it("writes each figure in the unit of its gate", () => {
    const dollars = { ...GATE, gate: "min_dollar_volume", value: 88_000_000, threshold: 50_000 };
    expect(gateSentence(dollars)).toContain("$88 million against a limit of $50,000");
    const fraction = { ...GATE, gate: "min_atr_pct", value: 0.0412, threshold: 0.04, margin: 0.03 };
    expect(gateSentence(fraction)).toContain("4.12 % against a limit of 4 %");
  });
});

describe("what was missing, in words", () => {
  it("counts what a warm-up still needs", () => {
    const missing = { feature: "rsi14", reason: "warming-up", have: 12, need: 100 };
    expect(missingSentence(missing)).toBe(
      "RSI(14) is not ready: it needs 100 sessions and has 12.",
    );
  });

  it("gives the reason of any other gap", () => {
    const missing = { feature: "sharesShort", reason: "not-published", have: null, need: null };
    expect(missingSentence(missing)).toBe(
      "Short interest is unknown: the figure was not public yet.",
    );
    expect(
      missingSentence({ ...missing, feature: "someNewFeature", reason: "some-new-reason" }),
    ).toBe("Some new feature is unknown: some new reason.");
  });
});

describe("a reason", () => {
  it.each(MISSING_REASONS)("%s is told in words of its own", (reason) => {
    const missing = { feature: "relvol30", reason, have: null, need: null };
    const counted = { ...missing, have: 12, need: 30 };
    const sentence = missingSentence(reason === "warming-up" ? counted : missing);
    expect(sentence).not.toContain(`unknown: ${reason.replace(/-/g, " ")}.`);
  });
});

describe("quantities", () => {
  it("are written short and never as minus zero", () => {
    expect(written(-0.00001, "percent")).toBe("0 %");
    expect(written(100, "points")).toBe("100");
    expect(written(1_234_567, "shares")).toBe("1.23 million");
    expect(written(999, "shares")).toBe("999");
    expect(written(2.5e9, "dollars")).toBe("$2.5 billion");
  });

  it("tell New York time on both sides of the clock change", () => {
    expect(easternTime(Date.parse("2021-01-13T15:15:00Z"))).toBe("10:15 ET on Jan 13, 2021");
    expect(easternTime(Date.parse("2021-07-13T14:15:00Z"))).toBe("10:15 ET on Jul 13, 2021");
    expect(easternTime(Date.parse("2021-01-14T03:00:00Z"))).toBe("22:00 ET on Jan 13, 2021");
  });
});
