import { describe, expect, it } from "vitest";
import { runIdOf } from "../discovery/run-id.ts";
import { type ExperimentPlan, planText } from "../experiments/plan.ts";
import { settingOfExperiment } from "../experiments/setting-name.ts";
import { armOf, bucketOf } from "../experiments/traffic-split.ts";
import type { StageEvent } from "../kernel/stage.ts";
import { configVersionOf, DEFAULT_SCORING, type ScoringConfig } from "../scoring/config.ts";
import { TEN_O_CLOCK } from "../testing/features-builder.ts";
import { RulesInForce } from "./slot-rules.ts";

const HOUR = 3_600_000;
const NAME = "unified_v1_rollout";
const PLAN: ExperimentPlan = {
  status: "ACTIVE",
  createdAt: TEN_O_CLOCK - HOUR,
  startAt: TEN_O_CLOCK - HOUR,
  endAt: TEN_O_CLOCK + 100 * HOUR,
  split: [
    { strategy: "hybrid_v1", weight: 30 },
    { strategy: "legacy_v0", weight: 30 },
    { strategy: "unified_detectors", weight: 40 },
  ],
  metrics: ["candidates"],
};
const SLOTS = Array.from({ length: 60 }, (_, index) => TEN_O_CLOCK + index * HOUR);

function control(setting: string, value: string | null, at = 1000): StageEvent<"ops.control.v1"> {
  const times = { happenedAt: at, publishedAt: at };
  const record = { setting, value, ...times, actor: "operator", reason: "test" };
  const id = `00000000-0000-8000-8000-${String(at).padStart(12, "0")}`;
  return { topic: "ops.control.v1", id, key: setting, value: record };
}

const planned = (known: Partial<ExperimentPlan>, at?: number, name = NAME) =>
  control(settingOfExperiment(name), planText({ ...PLAN, ...known }), at);

function rulesAfter(...controls: readonly StageEvent<"ops.control.v1">[]) {
  return rulesOf(DEFAULT_SCORING, controls);
}

function rulesOf(config: ScoringConfig, controls: readonly StageEvent<"ops.control.v1">[]) {
  const rules = new RulesInForce("verdict", config);
  const outcomes = controls.map((event) => rules.apply(event));
  return { rules, outcomes };
}

const strategies = ({ rules }: ReturnType<typeof rulesAfter>) =>
  SLOTS.map((slot) => rules.of({ slot, trigger: "SLOT" }).config.strategy);
const allOf = (strategy: string) => SLOTS.map(() => strategy);
const FALLBACK = allOf("unified_detectors");

/** The arm of a slot, computed beside the product: the subject is the run without an experiment. */
function armOfSlot(slot: number): string | null {
  const { strategy, profile } = DEFAULT_SCORING;
  const configVersion = configVersionOf(DEFAULT_SCORING);
  const subject = runIdOf({ strategy, profile, configVersion, slot, trigger: "SLOT" });
  return armOf(bucketOf(subject, NAME), PLAN.split);
}

describe("the rules of a slot", () => {
  it("are those in force without an experiment, and the strategy in force scores", () => {
    const { rules } = rulesAfter();
    expect(rules.of({ slot: TEN_O_CLOCK, trigger: "SLOT" })).toEqual(rules.between);
    expect(rules.between).toEqual({
      config: DEFAULT_SCORING,
      version: configVersionOf(DEFAULT_SCORING),
      exposure: null,
    });
  });

  it("take the strategy of the arm that the run falls into, and all arms come to pass", () => {
    const running = rulesAfter(planned({}));
    expect(running.outcomes).toEqual([{ type: "done" }]);
    expect(strategies(running)).toEqual(SLOTS.map(armOfSlot));
    expect(new Set(strategies(running)).size).toBe(3);
    for (const slot of SLOTS) {
      const { config, version, exposure } = running.rules.of({ slot, trigger: "SLOT" });
      expect(version).toBe(configVersionOf(config));
      expect(exposure).toMatchObject({
        name: NAME,
        subjectHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      });
      expect({ ...config, strategy: DEFAULT_SCORING.strategy }).toEqual(DEFAULT_SCORING);
    }
  });

  it("leave what lies between two slots to the strategy in force", () => {
    expect(rulesAfter(planned({})).rules.between.config.strategy).toBe("unified_detectors");
  });

  it.each([
    ["is paused", [planned({ status: "PAUSED" })]],
    ["is cancelled", [planned({ status: "CANCELLED" })]],
    ["is over", [planned({ endAt: TEN_O_CLOCK })]],
    ["has not begun", [planned({ startAt: TEN_O_CLOCK + 99 * HOUR })]],
    ["is switched off with all others", [planned({}), control("experiments", "false")]],
    ["is paused after it ran", [planned({}), planned({ status: "PAUSED" }, 2000)]],
    ["was never planned", [control(settingOfExperiment(NAME), null)]],
  ])("fall back to the strategy in force when the experiment %s (R-ABT-03)", (_, controls) => {
    expect(strategies(rulesAfter(...controls))).toEqual(FALLBACK);
  });

  it("fall back everywhere when AB_TESTING_ENABLED is false (R-ABT-11)", () => {
    const off = rulesOf({ ...DEFAULT_SCORING, experiments: false }, [planned({})]);
    expect(strategies(off)).toEqual(FALLBACK);
    off.rules.apply(control("experiments", "true", 3000));
    expect(strategies(off)).toEqual(SLOTS.map(armOfSlot));
  });

  it("end with the experiment, to the slot", () => {
    const endAt = SLOTS[20] ?? 0;
    const expected = SLOTS.map((slot) => (slot < endAt ? armOfSlot(slot) : "unified_detectors"));
    expect(strategies(rulesAfter(planned({ endAt })))).toEqual(expected);
  });

  it("move subjects from one arm to another only when the split says so (R-ABT-09)", () => {
    const split = [
      { strategy: "legacy_v0", weight: 60 },
      { strategy: "unified_detectors", weight: 40 },
    ] as const;
    const changed = strategies(rulesAfter(planned({}), planned({ split }, 2000)));
    const kept = SLOTS.map(armOfSlot).map((arm, index) =>
      arm === "hybrid_v1" ? changed[index] : arm,
    );
    // Buckets of hybrid_v1 go to legacy_v0, which comes first now; those of the others stay.
    expect(changed).toEqual(kept);
    expect(new Set(changed)).toEqual(new Set(["legacy_v0", "unified_detectors"]));
  });

  it("follow the newest record, in whatever order they come, and survive a restart", () => {
    const records = [planned({}), planned({ status: "PAUSED" }, 2000), planned({}, 3000)];
    const there = rulesAfter(...records);
    const back = rulesAfter(...records.toReversed());
    expect(back.outcomes.slice(1)).toEqual([
      { type: "skip", reason: "control:superseded" },
      { type: "skip", reason: "control:superseded" },
    ]);
    expect(strategies(back)).toEqual(strategies(there));
    const after = new RulesInForce("verdict", DEFAULT_SCORING);
    there.rules.stores.forEach((store, index) => {
      for (const { key, value } of store.takeChanges()) {
        if (value !== null) after.stores[index]?.restore(key, value);
      }
    });
    expect(strategies({ rules: after, outcomes: [] })).toEqual(strategies(there));
  });

  it("take the first by name should two experiments run, whichever was told first", () => {
    const both = [planned({}), planned({}, 2000, "another")];
    const first = rulesAfter(...both).rules.of({ slot: TEN_O_CLOCK, trigger: "SLOT" });
    const second = rulesAfter(...both.toReversed()).rules.of({
      slot: TEN_O_CLOCK,
      trigger: "SLOT",
    });
    expect(first.exposure?.name).toBe("another");
    expect(second).toEqual(first);
  });

  it("keep what is in force when a record makes no sense, and say so", () => {
    const { rules, outcomes } = rulesAfter(
      control(settingOfExperiment(NAME), "start"),
      control("experiment/No Such Name", planText(PLAN)),
    );
    expect(outcomes).toEqual([
      { type: "skip", reason: "control:unknown-value" },
      { type: "skip", reason: "control:unknown-setting" },
    ]);
    expect(rules.between.config).toEqual(DEFAULT_SCORING);
  });
});
