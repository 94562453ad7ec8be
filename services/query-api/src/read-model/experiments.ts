import { isMetricName } from "@amc/streams/experiments/metrics";
import { type TrafficSplit, trafficSplitOf } from "@amc/streams/experiments/traffic-split";
import { Conditions } from "./conditions.ts";
import type { ArmCounts, ReadView, StoredExperiment, StoredExperimentResult } from "./port.ts";
import {
  instantOf,
  integerOf,
  integerOrNull,
  type Row,
  type RunQuery,
  StoredRowError,
  storedEvent,
  textOf,
} from "./stored-rows.ts";

const RESULT = "experiments.result.v1";
const COLUMNS =
  "experiment_name, event_id, status, created_at, start_date, end_date, decided_at, traffic_split, success_metrics, metadata";

/** Experiments, their results and counts, as the tables hold them. */
export function experimentReads(
  run: RunQuery,
): Pick<
  ReadView,
  | "experiments"
  | "experiment"
  | "experimentResults"
  | "experimentExtent"
  | "isExposed"
  | "experimentArms"
> {
  return {
    experiments: async (limit) => {
      const rows = await run(
        `SELECT ${COLUMNS} FROM ab_testing_experiments
          WHERE event_id IS NOT NULL ORDER BY created_at DESC, experiment_name LIMIT $1`,
        [limit],
      );
      return rows.map(storedExperiment);
    },
    experiment: async (name) => {
      const [row] = await run(
        `SELECT ${COLUMNS} FROM ab_testing_experiments
          WHERE experiment_name = $1 AND event_id IS NOT NULL`,
        [name],
      );
      return row === undefined ? null : storedExperiment(row);
    },
    experimentResults: async (name, query) => {
      const where = new Conditions();
      const results = resultsOf(where.add(name));
      const rows = await run(
        `SELECT event_id, event, execution_time_ms FROM (${results}) AS result
          ${where.page(query).text}
          ORDER BY happened_at DESC, event_id DESC LIMIT ${where.add(query.limit)}`,
        where.values,
      );
      return rows.map(storedResult);
    },
    experimentExtent: async (name) => {
      const rows = await run(EXTENT, [name]);
      const [row = {}] = rows;
      return { count: integerOf(row, "results"), digest: textOf(row, "digest") };
    },
    isExposed: async ({ event }) => {
      // By its instant as well, for which there is an index.
      const rows = await run(
        `SELECT 1 FROM ab_testing_results
          WHERE request_timestamp = $1 AND discovery_run_id = $2 LIMIT 1`,
        [new Date(event.happenedAt), event.runId],
      );
      return rows.length > 0;
    },
    experimentArms: async () => {
      const rows = await run(ARMS, []);
      return rows.map(armCounts);
    },
  };
}

/** Of experiments that are not over: how many those are is bounded, unlike all there ever were. */
const ARMS = `
  SELECT experiment.experiment_name, result.strategy_name,
         count(*)::integer AS exposures, sum(result.candidates_count)::integer AS candidates
  FROM ab_testing_experiments AS experiment
  JOIN ab_testing_results AS result ON result.experiment_name = experiment.experiment_name
  WHERE experiment.status IN ('ACTIVE', 'PAUSED')
  GROUP BY experiment.experiment_name, result.strategy_name`;

/**
 * A sum of hashes of 64 bits, exact as a numeric, does not hang on the order of the rows. A count and
 * the newest id alone would not tell one that came late from one that was pruned.
 */
const EXTENT = `
  SELECT count(*)::integer AS results,
         coalesce(sum(hashtextextended(event_id::text, 0)), 0)::text AS digest
  FROM ab_testing_results WHERE experiment_name = $1`;

/** The table calls the instant of a run otherwise than all others do. */
function resultsOf(name: string): string {
  return `SELECT event_id, event, execution_time_ms, request_timestamp AS happened_at
    FROM ab_testing_results WHERE experiment_name = ${name} AND event IS NOT NULL`;
}

function storedResult(row: Row): StoredExperimentResult {
  return { ...storedEvent(RESULT, row), executionMs: integerOrNull(row, "execution_time_ms") };
}

function armCounts(row: Row): ArmCounts {
  return {
    experiment: textOf(row, "experiment_name"),
    strategy: textOf(row, "strategy_name"),
    exposures: integerOf(row, "exposures"),
    candidates: integerOf(row, "candidates"),
  };
}

function storedExperiment(row: Row): StoredExperiment {
  const metadata = recordOf(row, "metadata");
  return {
    name: textOf(row, "experiment_name"),
    decisionId: textOf(row, "event_id"),
    status: textOf(row, "status"),
    createdAt: instantOf(row, "created_at"),
    startAt: instantOf(row, "start_date"),
    endAt: instantOf(row, "end_date"),
    decidedAt: instantOf(row, "decided_at"),
    split: splitOf(row),
    metrics: metricsOf(row),
    actor: textOf(metadata, "actor"),
    reason: textOf(metadata, "reason"),
  };
}

function splitOf(row: Row): TrafficSplit {
  const weights = Object.entries(recordOf(row, "traffic_split")).map(
    ([strategy, weight]) => [strategy, Number(weight)] as const,
  );
  const split = trafficSplitOf(weights);
  if (split === null) throw new StoredRowError("traffic_split", "is no split");
  return split;
}

function metricsOf(row: Row): StoredExperiment["metrics"] {
  const { success_metrics: names } = row;
  if (!Array.isArray(names)) throw new StoredRowError("success_metrics", "is no list");
  return names.map(String).filter(isMetricName);
}

function recordOf(row: Row, column: string): Row {
  const value = row[column];
  if (typeof value !== "object" || value === null) {
    throw new StoredRowError(column, "is no object");
  }
  return Object.fromEntries(Object.entries(value));
}
