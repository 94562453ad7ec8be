import { planOf } from "../../experiments/plan.ts";
import { experimentOfSetting } from "../../experiments/setting-name.ts";
import type { StageEvent } from "../../kernel/stage.ts";
import type { RowChange } from "../change.ts";
import type { Json } from "../columns.ts";

/** Settings other than experiments have no table; what holds no plan is in force nowhere. */
export function projectExperimentPlan({
  id,
  value,
}: StageEvent<"ops.control.v1">): readonly RowChange[] {
  const name = experimentOfSetting(value.setting);
  const plan = planOf(value.value);
  if (name === null || plan === null) return [];
  return [
    {
      table: "ab_testing_experiments",
      row: {
        experiment_name: name,
        start_date: plan.startAt,
        end_date: plan.endAt,
        traffic_split: Object.fromEntries(
          plan.split.map(({ strategy, weight }) => [strategy, weight]),
        ),
        success_metrics: [...plan.metrics],
        status: plan.status,
        metadata: { actor: value.actor, reason: value.reason },
        created_at: plan.createdAt,
        event_id: id,
        decided_at: value.publishedAt,
      },
    },
  ];
}

export function projectExperimentResult(
  { id, value }: StageEvent<"experiments.result.v1">,
  record: Uint8Array,
): readonly RowChange[] {
  return [
    {
      table: "ab_testing_results",
      row: {
        experiment_name: value.experiment,
        strategy_name: value.strategy,
        discovery_run_id: value.runId,
        request_timestamp: value.happenedAt,
        candidates_count: value.candidates,
        execution_time_ms: null,
        success_metrics_data: metricsJson(value.metrics),
        user_agent_hash: value.subjectHash,
        simulated: value.simulated,
        event: record,
        event_id: id,
      },
    },
  ];
}

/** A metric that the run does not have is null and says why under `missing`. */
function metricsJson(metrics: StageEvent<"experiments.result.v1">["value"]["metrics"]): Json {
  const missing = metrics.filter(({ value }) => value === null);
  return {
    ...Object.fromEntries(metrics.map(({ name, value }) => [name, value])),
    missing: Object.fromEntries(missing.map(({ name, reason }) => [name, reason])),
  };
}
