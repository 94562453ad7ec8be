import { describe, expect, it } from "vitest";
import { healthOf } from "./health.ts";

describe("health of a run over the whole market", () => {
  it.each([
    ["TV-HE-01", 10_325, 12, 1, "healthy"],
    ["TV-HE-02", 10_325, 0, 0.4, "critical"],
    ["TV-HE-03", 800, 3, 0.566667, "critical"],
    ["TV-HE-04", 2847, 120, 0.566667, "warning"],
    ["TV-HE-05", 6000, 4, 0.633333, "warning"],
  ])("%s: %d symbols and %d candidates score %d", (_, universe, candidates, score, status) => {
    const health = healthOf({ universe, candidates }, null);
    expect(health.score).toBeCloseTo(score, 6);
    expect(health.status).toBe(status);
  });

  it("says what is wrong", () => {
    expect(healthOf({ universe: 800, candidates: 3 }, null).messages).toEqual([
      "only 800 symbols",
      "fewer than 5 candidates",
    ]);
    expect(healthOf({ universe: 10_325, candidates: 0 }, null).messages).toEqual(["no candidates"]);
    expect(healthOf({ universe: 2847, candidates: 120 }, null).messages).toEqual([
      "more than 100 candidates",
    ]);
  });
});

describe("health of a run over a reduced universe", () => {
  const reduction = { floorUsd: 5e6, leftOut: 150 };
  const flag = "universe reduced: 150 of 200 symbols left out below 5000000 USD a day";

  it("judges coverage by what there was to choose from, and is never healthy", () => {
    expect(healthOf({ universe: 50, candidates: 1, reduction }, 200)).toEqual({
      score: 1,
      status: "warning",
      messages: [flag],
    });
    const market = { universe: 10_175, candidates: 12, reduction };
    expect(healthOf(market, null)).toMatchObject({ score: 1, status: "warning" });
  });

  it("is flagged where nothing was left out, and where everything was", () => {
    const whole = { universe: 200, candidates: 1, reduction: { ...reduction, leftOut: 0 } };
    expect(healthOf(whole, 200)).toMatchObject({ status: "warning" });
    const none = { universe: 0, candidates: 0, reduction: { ...reduction, leftOut: 200 } };
    expect(healthOf(none, 200)).toEqual({
      score: null,
      status: "critical",
      messages: ["no symbol was evaluated", flag.replace("150", "200")],
    });
  });
});

describe("health of a run over a configured universe", () => {
  it("is full when every symbol was evaluated, candidates or not", () => {
    expect(healthOf({ universe: 3, candidates: 0 }, 3)).toEqual({
      score: 1,
      status: "healthy",
      messages: [],
    });
  });

  it("falls with the symbols that were not evaluated", () => {
    expect(healthOf({ universe: 199, candidates: 1 }, 200)).toEqual({
      score: 0.8,
      status: "warning",
      messages: ["199 of 200 configured symbols"],
    });
    expect(healthOf({ universe: 10, candidates: 1 }, 200).status).toBe("critical");
  });

  it("is critical and without a score when nothing was evaluated", () => {
    expect(healthOf({ universe: 0, candidates: 0 }, 3)).toMatchObject({
      score: null,
      status: "critical",
    });
  });
});
