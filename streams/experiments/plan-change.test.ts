import { describe, expect, it } from "vitest";
import { planOf, planText, statusAt } from "./plan.ts";
import { type ExperimentDefaults, parsePlanChange, planAfter } from "./plan-change.ts";

const DAY = 86_400_000;
const AT = Date.UTC(2021, 0, 13, 15);
const DEFAULTS: ExperimentDefaults = {
  split: [
    { strategy: "legacy_v0", weight: 20 },
    { strategy: "unified_detectors", weight: 80 },
  ],
  days: 14,
};

/** What comes of the words, in that order, a day apart; the text is that of the first refusal. */
function after(...steps: readonly (readonly [name: string, words: string])[]) {
  const known = new Map<string, NonNullable<ReturnType<typeof planOf>>>();
  for (const [index, [name, words]] of steps.entries()) {
    const parsed = parsePlanChange(words);
    if (!parsed.ok) return { problem: parsed.problem, known };
    const experiments = [...known].map(([each, plan]) => ({ name: each, plan }));
    const planned = planAfter(parsed.change, name, experiments, AT + index * DAY, DEFAULTS);
    if (!planned.ok) return { problem: planned.problem, known };
    known.set(name, planned.plan);
  }
  return { problem: null, known };
}

describe("an operator's word about an experiment", () => {
  it("starts it with the configured split and duration where nothing else is said", () => {
    const plan = after(["a", "start"]).known.get("a");
    expect(plan).toEqual({
      status: "ACTIVE",
      createdAt: AT,
      startAt: AT,
      endAt: AT + 14 * DAY,
      split: DEFAULTS.split,
      metrics: ["candidates", "trade_ready", "mean_score"],
    });
  });

  it("starts it with what is said", () => {
    const words = "start  split=unified_detectors:50,hybrid_v1:50 days=3 metrics=top_score";
    expect(after(["a", words]).known.get("a")).toMatchObject({
      endAt: AT + 3 * DAY,
      split: [
        { strategy: "hybrid_v1", weight: 50 },
        { strategy: "unified_detectors", weight: 50 },
      ],
      metrics: ["top_score"],
    });
  });

  it("pauses, resumes, shares anew and cancels it, and keeps what it does not name", () => {
    const { known, problem } = after(
      ["a", "start days=5"],
      ["a", "pause"],
      ["a", "split=legacy_v0:50,unified_detectors:50"],
      ["a", "resume"],
      ["a", "cancel"],
    );
    expect(problem).toBeNull();
    expect(known.get("a")).toMatchObject({
      status: "CANCELLED",
      startAt: AT,
      endAt: AT + 5 * DAY,
      split: [{ weight: 50 }, { weight: 50 }],
    });
  });

  it.each([
    ["a name is used once", ["a", "start"], ["a", "cancel"], ["a", "start"], "exists|already"],
    ["one runs at a time", ["a", "start"], ["a", "split=hybrid_v1:100"], ["b", "start"], "a does"],
    ["what is cancelled stays so", ["a", "start"], ["a", "cancel"], ["a", "resume"], "CANCELLED"],
    ["what has ended stays so", ["a", "start days=1"], ["a", "pause"], null, "COMPLETED"],
    ["what runs cannot be resumed", ["a", "start"], ["a", "resume"], null, "is ACTIVE"],
    ["nobody knows it", ["a", "pause"], null, null, "there is no experiment a"],
  ] as const)("is refused when %s", (_, first, second, third, text) => {
    const steps = [first, second, third].flatMap((step) => (step === null ? [] : [step]));
    expect(after(...steps).problem).toMatch(new RegExp(text));
  });

  it("may start another once the first is paused, cancelled or over", () => {
    for (const ends of ["pause", "cancel"]) {
      expect(after(["a", "start"], ["a", ends], ["b", "start"]).problem).toBeNull();
    }
    expect(after(["a", "start days=1"], ["b", "start"]).problem).toBeNull();
  });

  it.each([
    "",
    "begin",
    "start now",
    "start days=0",
    "start days=1.5",
    "start days=366",
    "start days=",
    "start days=1e1",
    "start days=0x0e",
    "start days=+14",
    "start days=0014",
    "start split=legacy_v0:20",
    "start split=legacy_v0:,unified_detectors:100",
    "start split=magic:100",
    "start split=legacy_v0:20:99,unified_detectors:80",
    "start split=legacy_v0:0x14,unified_detectors:80",
    "start split=legacy_v0:2e1,unified_detectors:80",
    "start split=legacy_v0:+20,unified_detectors:80",
    "start split=legacy_v0:20.0,unified_detectors:80",
    "start metrics=",
    "start metrics=profit",
    "start metrics=candidates,candidates",
    "start days=1 days=2",
    "pause days=1",
    "split=legacy_v0:100 days=2",
  ])("is refused when it is %j", (words) => {
    expect(parsePlanChange(words)).toMatchObject({ ok: false });
  });
});

describe("a plan", () => {
  const plan = after(["a", "start"]).known.get("a");
  if (plan === undefined) throw new Error("no plan");

  it("is read back from the control record as it was written", () => {
    expect(planOf(planText(plan))).toEqual(plan);
    expect(planText(plan).length).toBeLessThan(500);
  });

  it.each([
    ["is no JSON", "{"],
    ["is taken back", null],
    ["has no arms", JSON.stringify({ ...plan, split: [] })],
    ["ends before it starts", JSON.stringify({ ...plan, endAt: plan.startAt })],
    ["compares by nothing", JSON.stringify({ ...plan, metrics: [] })],
    ["compares by a stranger", JSON.stringify({ ...plan, metrics: ["profit"] })],
    ["has an unknown status", JSON.stringify({ ...plan, status: "COMPLETED" })],
  ])("is none when the record %s", (_, value) => {
    expect(planOf(value)).toBeNull();
  });

  it("is completed from its end on, to the millisecond, unless it was cancelled", () => {
    expect(statusAt(plan, plan.endAt - 1)).toBe("ACTIVE");
    expect(statusAt(plan, plan.endAt)).toBe("COMPLETED");
    expect(statusAt({ ...plan, status: "PAUSED" }, plan.endAt)).toBe("COMPLETED");
    expect(statusAt({ ...plan, status: "CANCELLED" }, plan.endAt)).toBe("CANCELLED");
  });
});
