import { PROVIDERS } from "@amc/platform/http/provider-limits";
import type { RowChange } from "@amc/streams/projections/change";
import type { ProjectionName } from "@amc/streams/projections/projections";
import { arrayOf } from "./column-array.ts";
import type { Statement } from "./statement.ts";

/** Keys by which a batch takes part in joins, noted as its rows are added. */
export class JoinKeys {
  readonly verdicts = new Set<string>();
  /** Of detections that were made for a slot. */
  readonly features = new Set<string>();
  /** Instants that runs, detections and timings share. */
  readonly ticks = new Set<number>();
  readonly timedTicks = new Set<number>();
  readonly runTicks = new Set<number>();
  /** First and last sending of a provider call, UTC ms; null without one. */
  calls: { readonly first: number; readonly last: number } | null = null;
  /** Of decisions and of results. */
  readonly experiments = new Set<string>();
  /** Whether a period of the reporting schedule, or a decision about one, is in it. */
  hasPeriods = false;

  note({ table, row }: RowChange): void {
    switch (table) {
      case "verdicts":
        if (row.run_id !== null) this.verdicts.add(row.event_id);
        break;
      case "detections":
        if (row.slot !== null) this.features.add(row.features_id);
        break;
      case "discovery_runs":
        this.ticks.add(row.happened_at);
        this.runTicks.add(row.happened_at);
        break;
      case "provider_api_calls":
        this.#noteCall(row.request_timestamp);
        break;
      case "ab_testing_experiments":
        this.experiments.add(row.experiment_name);
        break;
      case "ab_testing_results":
        if (row.experiment_name !== null) this.experiments.add(row.experiment_name);
        if (row.request_timestamp !== null) this.ticks.add(row.request_timestamp);
        break;
      case "finra_reporting_schedule":
      case "finra_schedule_overrides":
        this.hasPeriods = true;
        break;
      case "stage_timings":
        this.ticks.add(row.happened_at);
        this.timedTicks.add(row.happened_at);
        break;
      default:
    }
  }

  #noteCall(sentAt: number): void {
    const { first, last } = this.calls ?? { first: sentAt, last: sentAt };
    this.calls = { first: Math.min(first, sentAt), last: Math.max(last, sentAt) };
  }
}

/**
 * Statements that fill columns which more than one event fills. The events come on different topics
 * in any order, so a join runs for whatever of its sides the batch holds and finds the others in the
 * tables; what is missing yet is filled when it comes. All that a join reads is written by its own
 * projection.
 */
export function joinsOf(projection: ProjectionName, keys: JoinKeys): readonly Statement[] {
  if (projection === "signals") return detectorPerformanceJoins(keys);
  if (projection === "calendar") return keys.hasPeriods ? [PERIODS_BY_HAND] : [];
  if (projection !== "discovery") return [];
  return [...runTimeJoins(keys), ...successRateJoins(keys), ...experimentJoins(keys)];
}

function detectorPerformanceJoins(keys: JoinKeys): Statement[] {
  const joins: Statement[] = [];
  if (keys.verdicts.size + keys.features.size > 0) {
    joins.push({
      name: "join-detector-performance",
      text: DETECTOR_PERFORMANCE,
      parameters: [arrayOf("uuid", [...keys.verdicts]), arrayOf("uuid", [...keys.features])],
    });
  }
  if (keys.timedTicks.size > 0) {
    joins.push({
      name: "join-detector-times",
      text: DETECTOR_TIMES,
      parameters: [arrayOf("instant", [...keys.timedTicks])],
    });
  }
  return joins;
}

function runTimeJoins(keys: JoinKeys): Statement[] {
  if (keys.ticks.size === 0) return [];
  const parameters = [arrayOf("instant", [...keys.ticks])];
  return [
    { name: "join-run-times", text: RUN_TIMES, parameters },
    { name: "join-audit-times", text: AUDIT_TIMES, parameters },
    { name: "join-result-times", text: RESULT_TIMES, parameters },
  ];
}

function successRateJoins({ runTicks, calls }: JoinKeys): Statement[] {
  if (runTicks.size === 0 && calls === null) return [];
  return [
    {
      name: "join-audit-success-rates",
      text: AUDIT_SUCCESS_RATES,
      parameters: [
        arrayOf("instant", [...runTicks]),
        // An empty range when the batch holds no call.
        arrayOf("instant", calls === null ? [] : [calls.first, calls.last]),
        arrayOf("text", [...PROVIDERS]),
      ],
    },
  ];
}

function experimentJoins({ experiments, runTicks }: JoinKeys): Statement[] {
  const joins: Statement[] = [];
  if (experiments.size > 0) {
    const parameters = [arrayOf("text", [...experiments])];
    joins.push({ name: "join-experiment-results", text: EXPERIMENT_RESULTS, parameters });
  }
  if (experiments.size + runTicks.size > 0) {
    joins.push({ name: "join-experiment-ends", text: EXPERIMENT_ENDS, parameters: [] });
  }
  return joins;
}

/**
 * A detection that belongs to a run, with the verdict it entered and the time its detector took. Detections
 * are looked up one by one (`OFFSET 0` keeps the planner from joining them as a set): while the table holds
 * some days only, it would rather read it whole at every slot and sort it on disk.
 */
const DETECTOR_PERFORMANCE = `
  INSERT INTO detector_performance
    (discovery_run_id, detector_name, symbol, event_id, raw_score, confidence_score,
     execution_time_ms, data_sources_used, hard_gate_passed, soft_gate_penalties, created_at)
  SELECT verdict.run_id, detection.detector, detection.symbol, detection.event_id, detection.score,
         detection.confidence, timing.ms, detection.data_sources, verdict.passed,
         verdict.soft_penalties, detection.happened_at
  FROM verdicts AS verdict
  CROSS JOIN LATERAL unnest(verdict.detection_ids) AS used (id)
  CROSS JOIN LATERAL (
    SELECT event_id, detector, symbol, score, confidence, data_sources, happened_at FROM detections
    WHERE event_id = used.id AND features_id = verdict.features_id OFFSET 0
  ) AS detection
  LEFT JOIN LATERAL (
    SELECT round(max(total_ms))::integer AS ms FROM stage_timings
    WHERE projection = 'signals' AND happened_at = detection.happened_at
      AND stage = detection.detector
  ) AS timing ON true
  WHERE verdict.run_id IS NOT NULL
    AND (verdict.event_id = ANY ($1::uuid[]) OR verdict.features_id = ANY ($2::uuid[]))
  ON CONFLICT (discovery_run_id, detector_name, symbol) DO NOTHING`;

/**
 * The longest that any partition spent in the detector at that tick. The instants are named twice: the rows
 * of an instant lie together, which only an index on the time alone tells the planner.
 */
const DETECTOR_TIMES = `
  UPDATE detector_performance AS performance
  SET execution_time_ms = timing.ms
  FROM (
    SELECT happened_at, stage, round(max(total_ms))::integer AS ms FROM stage_timings
    WHERE projection = 'signals' AND happened_at = ANY ($1::timestamptz[])
    GROUP BY happened_at, stage
  ) AS timing
  WHERE performance.created_at = ANY ($1::timestamptz[])
    AND performance.detector_name = timing.stage AND performance.created_at = timing.happened_at
    AND performance.execution_time_ms IS DISTINCT FROM timing.ms`;

/** Partitions work side by side, so a run took what its slowest partition took in all stages. */
const SLOWEST_PARTITION = `
  SELECT happened_at, round(max(total_ms))::integer AS ms
  FROM (
    SELECT happened_at, partition, sum(total_ms) AS total_ms FROM stage_timings
    WHERE projection = 'discovery' AND happened_at = ANY ($1::timestamptz[])
    GROUP BY happened_at, partition
  ) AS by_partition
  GROUP BY happened_at`;

const RUN_TIMES = `
  UPDATE discovery_runs AS run SET execution_ms = timing.ms
  FROM (${SLOWEST_PARTITION}) AS timing
  WHERE run.happened_at = timing.happened_at AND run.execution_ms IS DISTINCT FROM timing.ms`;

const AUDIT_TIMES = `
  UPDATE discovery_audit_log AS audit
  SET total_execution_time_ms = timing.ms, execution_time_measured = true
  FROM (${SLOWEST_PARTITION}) AS timing
  WHERE audit.created_at = timing.happened_at
    AND (audit.total_execution_time_ms, audit.execution_time_measured)
        IS DISTINCT FROM (timing.ms, true)`;

const RESULT_TIMES = `
  UPDATE ab_testing_results AS result SET execution_time_ms = timing.ms
  FROM (${SLOWEST_PARTITION}) AS timing
  WHERE result.request_timestamp = timing.happened_at
    AND result.execution_time_ms IS DISTINCT FROM timing.ms`;

/** The foreign key wants a surrogate id, which nothing but this table knows. */
const EXPERIMENT_RESULTS = `
  UPDATE ab_testing_results AS result SET experiment_id = experiment.id
  FROM ab_testing_experiments AS experiment
  WHERE result.experiment_name = ANY ($1::text[])
    AND experiment.experiment_name = result.experiment_name AND result.experiment_id IS NULL`;

/** Event time is that of the newest run, whichever came first, the run or the decision. */
const EXPERIMENT_ENDS = `
  UPDATE ab_testing_experiments SET status = 'COMPLETED'
  WHERE status IN ('ACTIVE', 'PAUSED')
    AND end_date <= (SELECT max(happened_at) FROM discovery_runs)`;

/**
 * Share of usable answers per provider in the hour before the run's tick, that instant included; runs
 * without any call keep the reason they were written with. The range of the batch's calls may cover
 * runs that had none of them, which get what they had.
 */
const AUDIT_SUCCESS_RATES = `
  UPDATE discovery_audit_log AS audit
  SET provider_success_rates = jsonb_build_object('rates', success.rates, 'reason', NULL)
  FROM (
    SELECT run.created_at, jsonb_object_agg(called.provider_name, called.counts) AS rates
    FROM (
      SELECT DISTINCT created_at FROM discovery_audit_log
      WHERE created_at = ANY ($1::timestamptz[])
         OR created_at >= ($2::timestamptz[])[1]
            AND created_at < ($2::timestamptz[])[2] + interval '1 hour'
    ) AS run
    CROSS JOIN LATERAL (
      SELECT provider_name, jsonb_build_object(
        'calls', count(*),
        'success_rate', round(avg(success::integer), 4)) AS counts
      FROM provider_api_calls
      WHERE provider_name = ANY ($3::text[])
        AND request_timestamp > run.created_at - interval '1 hour'
        AND request_timestamp <= run.created_at
      GROUP BY provider_name
    ) AS called
    GROUP BY run.created_at
  ) AS success
  WHERE audit.created_at = success.created_at
    AND audit.provider_success_rates
        IS DISTINCT FROM jsonb_build_object('rates', success.rates, 'reason', NULL)`;

/**
 * R-SI-17: a period that was decided by hand has those days, and is available by them. The newest tick is
 * where the projection stands, which this transaction has moved; status and instants are functions of it
 * and of the rows, so it does not matter whether the tick, the figure or the decision came first.
 */
const PERIODS_BY_HAND: Statement = {
  name: "join-periods-by-hand",
  parameters: [],
  text: `
  UPDATE finra_reporting_schedule AS period
  SET due_date = decided.due_date, published_date = decided.published_date,
      status = decided.status, notes = decided.notes, event_id = decided.event_id,
      updated_at = decided.updated_at
  FROM (
    SELECT standing.settlement_date, standing.due_date, standing.published_date, standing.notes,
           standing.event_id, standing.status,
           greatest(standing.decided_at,
                    CASE standing.status WHEN 'processed' THEN standing.moved_on_at
                                         WHEN 'available' THEN standing.published_at END) AS updated_at
    FROM (
      SELECT override.settlement_date, override.due_date, override.published_date, override.notes,
             override.decided_at, override.published_at, current.moved_on_at,
             CASE WHEN override.is_manual THEN override.event_id END AS event_id,
             CASE WHEN current.status = 'processed' THEN 'processed'
                  WHEN override.published_at <= tick.newest THEN 'available'
                  ELSE 'pending' END AS status
      FROM finra_schedule_overrides AS override
      JOIN finra_reporting_schedule AS current USING (settlement_date)
      CROSS JOIN (
        SELECT max(applied_through) AS newest FROM projection_positions
        WHERE projection = 'calendar' AND topic = 'ops.clock.v1'
      ) AS tick
    ) AS standing
  ) AS decided
  WHERE period.settlement_date = decided.settlement_date
    AND (period.due_date, period.published_date, period.status, period.notes, period.event_id,
         period.updated_at)
        IS DISTINCT FROM (decided.due_date, decided.published_date, decided.status, decided.notes,
                          decided.event_id, decided.updated_at)`,
};
