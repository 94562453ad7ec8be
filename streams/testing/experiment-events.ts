import type { Control, ExperimentResult } from "@amc/schemas/generated/events";
import { type ExperimentPlan, planText } from "../experiments/plan.ts";
import { settingOfExperiment } from "../experiments/setting-name.ts";
import { uuidOf } from "../kernel/ids.ts";
import type { StageEvent } from "../kernel/stage.ts";
import { TEN_O_CLOCK } from "./features-builder.ts";
import { runIdAt } from "./projected-events.ts";

const DAY_MS = 86_400_000;

/** Of the default split, for two weeks from 09:45 on. */
export const ROLLOUT_PLAN: ExperimentPlan = {
  status: "ACTIVE",
  createdAt: TEN_O_CLOCK - 900_000,
  startAt: TEN_O_CLOCK - 900_000,
  endAt: TEN_O_CLOCK - 900_000 + 14 * DAY_MS,
  split: [
    { strategy: "legacy_v0", weight: 20 },
    { strategy: "unified_detectors", weight: 80 },
  ],
  metrics: ["candidates", "mean_score"],
};

/** A decision about the experiment `rollout`, published when its plan was made unless told. */
export function experimentPlanned(
  known: Partial<ExperimentPlan> = {},
  at = ROLLOUT_PLAN.createdAt,
  name = "rollout",
): StageEvent<"ops.control.v1"> {
  const setting = settingOfExperiment(name);
  const value: Control = {
    setting,
    value: planText({ ...ROLLOUT_PLAN, ...known }),
    happenedAt: at,
    publishedAt: at,
    actor: "ann",
    reason: "week 5",
  };
  return { topic: "ops.control.v1", id: uuidOf(`${setting}/${at}`), key: setting, value };
}

/** The result of the run at a slot, 10:00 unless told. */
export function experimentResult(
  known: Partial<ExperimentResult> = {},
): StageEvent<"experiments.result.v1"> {
  const slot = known.slot ?? TEN_O_CLOCK;
  const value: ExperimentResult = {
    experiment: "rollout",
    strategy: "unified_detectors",
    bucket: 40,
    subjectHash: "ab".repeat(32),
    runId: runIdAt(slot),
    happenedAt: slot,
    publishedAt: slot,
    capturedAt: slot,
    simulated: false,
    tradingDay: "2021-01-13",
    slot,
    trigger: "SLOT",
    session: "REGULAR",
    candidates: 1,
    fallbackCandidates: 0,
    metrics: [
      { name: "candidates", value: 1, reason: null },
      { name: "mean_score", value: 0.73755, reason: null },
    ],
    ...known,
  };
  const id = uuidOf(`experiments.result.v1/${value.experiment}/${value.runId}`);
  return { topic: "experiments.result.v1", id, key: value.runId, value };
}
