import type { Run } from "@amc/schemas/generated/events";
import type { StageEvent } from "../../kernel/stage.ts";
import type { RowChange } from "../change.ts";
import type { Json } from "../columns.ts";

/** R-DB-17 counts candidates before the cap: a rollback could not see more than 100 (C-17). */
export function projectRun(
  { id, value }: StageEvent<"discovery.run.v1">,
  record: Uint8Array,
): readonly RowChange[] {
  return [
    {
      table: "discovery_runs",
      row: {
        run_id: value.runId,
        event_id: id,
        happened_at: value.happenedAt,
        published_at: value.publishedAt,
        captured_at: value.capturedAt,
        simulated: value.simulated,
        trading_day: value.tradingDay,
        slot: value.slot,
        trigger: value.trigger.toLowerCase(),
        session: value.session.toLowerCase(),
        strategy: value.strategy,
        profile: value.profile,
        preset: value.preset,
        config_version: value.configVersion,
        universe: value.universe,
        evaluable: value.evaluable,
        price_volume_passed: value.priceVolumePassed,
        passed: value.passed,
        candidates_before_cap: value.candidatesBeforeCap,
        candidates: value.candidates.length,
        health_score: value.healthScore,
        health_status: value.healthStatus,
        event: record,
        execution_ms: null,
      },
    },
    {
      table: "discovery_audit_log",
      row: {
        discovery_run_id: value.runId,
        event_id: id,
        strategy_used: value.strategy,
        session_type: value.session.toLowerCase(),
        universe_size: value.universe,
        candidates_found: value.candidatesBeforeCap,
        provider_success_rates: NO_PROVIDER_CALLS,
        gate_failure_stats: gateFailures(value),
        confidence_distribution: value.confidenceBuckets.map(({ from, count }) => ({
          from,
          count,
        })),
        metadata: metadata(value),
        created_at: value.happenedAt,
        total_execution_time_ms: 0,
        execution_time_measured: false,
      },
    },
  ];
}

/**
 * Calls to providers are not part of a run: facts are in the log before it starts. The projector puts
 * the rates of the hour before the run in place of this where there were calls.
 */
const NO_PROVIDER_CALLS: Json = {
  rates: null,
  reason: "no provider was called in the hour before the run",
};

function gateFailures({ eliminations }: Run): Json {
  return eliminations.map(({ gate, first, all }) => ({ gate, first, all }));
}

function metadata(run: Run): Json {
  return {
    profile: run.profile,
    preset: run.preset,
    config_version: run.configVersion,
    trigger: run.trigger.toLowerCase(),
    trading_day: run.tradingDay,
    evaluable: run.evaluable,
    price_volume_passed: run.priceVolumePassed,
    passed: run.passed,
    ranked: run.candidates.length,
    stages: run.stageCounts.map((count) => ({ stage: count.stage, in: count.in, out: count.out })),
    health: { score: run.healthScore, status: run.healthStatus, messages: run.healthMessages },
    simulated: run.simulated,
  };
}
