import { describe, expect, it } from "vitest";
import {
  experimentPlanned,
  experimentResult,
  ROLLOUT_PLAN,
} from "../../testing/experiment-events.ts";
import { TEN_O_CLOCK } from "../../testing/features-builder.ts";
import { given } from "../../testing/projection-spec.ts";
import { projectEvent } from "../project-event.ts";
import { DEFAULT_EXPERIMENT_CACHE, newestOfExperimentKey } from "./cache.ts";

const KEY = newestOfExperimentKey(DEFAULT_EXPERIMENT_CACHE.keyPrefix, "rollout");

describe("an experiment in the tables", () => {
  it("is one row as its newest decision has it, in whatever order decisions come (R-DB-14)", () => {
    const started = experimentPlanned();
    const paused = experimentPlanned({ status: "PAUSED" }, TEN_O_CLOCK);
    for (const events of [
      [started, paused],
      [paused, started],
    ]) {
      expect(given(...events).rows("ab_testing_experiments")).toEqual([
        {
          experiment_name: "rollout",
          start_date: ROLLOUT_PLAN.startAt,
          end_date: ROLLOUT_PLAN.endAt,
          traffic_split: { legacy_v0: 20, unified_detectors: 80 },
          success_metrics: ["candidates", "mean_score"],
          status: "PAUSED",
          metadata: { actor: "ann", reason: "week 5" },
          created_at: ROLLOUT_PLAN.createdAt,
          event_id: paused.id,
          decided_at: TEN_O_CLOCK,
        },
      ]);
    }
  });

  it("has a row per exposed run, with what is missing and why (R-DB-15)", () => {
    const metrics = [
      { name: "candidates", value: 0, reason: null },
      { name: "mean_score", value: null, reason: "no-candidates" },
    ];
    const result = experimentResult({ candidates: 0, metrics });
    const spec = given(experimentPlanned(), result);
    expect(spec.rows("ab_testing_results")).toEqual([
      expect.objectContaining({
        experiment_name: "rollout",
        strategy_name: "unified_detectors",
        discovery_run_id: result.value.runId,
        request_timestamp: TEN_O_CLOCK,
        candidates_count: 0,
        execution_time_ms: null,
        success_metrics_data: {
          candidates: 0,
          mean_score: null,
          missing: { mean_score: "no-candidates" },
        },
        user_agent_hash: "ab".repeat(32),
      }),
    ]);
    expect(spec.rows("event_index")).toEqual([expect.objectContaining({ event_id: result.id })]);
  });

  it("is the same when the batch is written or read twice", () => {
    const events = [experimentPlanned(), experimentResult()];
    const once = given(...events).rows("ab_testing_results");
    expect(
      given().when(events, { repeated: 2, redelivered: 2 }).rows("ab_testing_results"),
    ).toEqual(once);
  });

  it("is not made of other settings, of what holds no plan, or of copies in other partitions", () => {
    const started = experimentPlanned();
    const spec = given(
      { ...started, value: { ...started.value, setting: "preset" } },
      { ...started, value: { ...started.value, value: "start" } },
      { ...started, value: { ...started.value, value: null } },
    );
    expect(spec.rows("ab_testing_experiments")).toEqual([]);
    expect(spec.misfits).toEqual([]);
    const origin = { projection: "discovery", partition: 1, offset: 0 } as const;
    expect(projectEvent(started, new Uint8Array(), origin)).toMatchObject({
      changes: { rows: [], cache: [] },
    });
  });
});

describe("the cached answer of an experiment (R-RDS-08)", () => {
  it("names its newest event, be it a result or a decision, for an hour", () => {
    const result = experimentResult();
    const spec = given(experimentPlanned(), result);
    expect(spec.cached(KEY)).toMatchObject({
      key: "amc:ab_test:rollout:latest",
      ttlSeconds: 3600,
      value: { experiment: "rollout", event_id: result.id, strategy: "unified_detectors" },
    });
    const paused = experimentPlanned({ status: "PAUSED" }, TEN_O_CLOCK + 1);
    expect(spec.when([paused]).cached(KEY)?.value).toEqual({
      experiment: "rollout",
      event_id: paused.id,
    });
    expect(spec.when([experimentResult()]).cached(KEY)?.happenedAt).toBe(TEN_O_CLOCK + 1);
  });
});
