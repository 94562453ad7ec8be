import { PROVIDERS } from "@amc/platform/http/provider-limits";
import { PROVENANCE } from "@amc/query-api/testing/story-signals";
import { DETECTOR_NAMES } from "@amc/streams/detectors/detector";

/** Symbols of the universe, as R-OPS-06 has it. */
export const SYMBOLS = 2_000;
export const EXPERIMENTS = 11;

/**
 * How the rows of a table that grows with time differ, as SQL over `n` (0 for the oldest row), `id`
 * (of that row) and `at` (its instant). What is not named is the same in all of them.
 */
export interface GrowingTable {
  readonly table: string;
  /** Rows of one instant; instants are 15 minutes apart, as slots are. */
  readonly atOnce: number;
  readonly columns: Readonly<Record<string, string>>;
}

const DETECTIONS = SYMBOLS * DETECTOR_NAMES.length;
/** Detectors, features and verdict; a stage of discovery has its timings like them. */
const STAGES = [...DETECTOR_NAMES, "features", "verdict"];
const PARTITIONS = 12;
/** Each instant's symbols report another period. */
const PERIOD = `'2000-01-01'::date + (n / ${SYMBOLS})::integer`;

/** Tables that are read or deleted from, and to which every day adds rows. */
export const GROWING: readonly GrowingTable[] = [
  { table: "discovery_runs", atOnce: 1, columns: { execution_ms: "1" } },
  {
    table: "recommendations",
    atOnce: 20,
    columns: { label: oneOf("n", ["watchlist", "trade_ready"]) },
  },
  {
    table: "candidates",
    // R-DIS-05: at most so many are listed.
    atOnce: 100,
    columns: {
      strategy: quoted(PROVENANCE.strategy),
      profile: quoted(PROVENANCE.profile),
      config_version: quoted(PROVENANCE.configVersion),
      listed: "true",
    },
  },
  {
    table: "verdicts",
    atOnce: SYMBOLS,
    columns: {
      failed_gates: "n % 4",
      first_failure: oneOf("n", ["rsi_band", "min_relvol_30"]),
      detection_ids: "ARRAY[id]",
    },
  },
  {
    table: "detections",
    atOnce: DETECTIONS,
    columns: { detector: oneOf(`n / ${SYMBOLS}`, DETECTOR_NAMES) },
  },
  { table: "features_slot", atOnce: SYMBOLS, columns: {} },
  { table: "event_index", atOnce: 1, columns: { log_offset: "n" } },
  {
    table: "stage_timings",
    atOnce: 2 * PARTITIONS * STAGES.length,
    columns: {
      stage: oneOf("n", STAGES),
      partition: `n / ${STAGES.length} % ${PARTITIONS}`,
      projection: oneOf(`n / ${PARTITIONS * STAGES.length}`, ["signals", "discovery"]),
    },
  },
  {
    table: "provider_api_calls",
    atOnce: 1,
    columns: { provider_name: oneOf("n", PROVIDERS), success: "n % 10 <> 0" },
  },
  {
    table: "circuit_breaker_events",
    atOnce: 1,
    columns: {
      provider_name: oneOf("n", PROVIDERS),
      event_type: oneOf("n", ["OPENED", "HALF_OPENED", "CLOSED"]),
    },
  },
  {
    table: "detector_performance",
    atOnce: DETECTIONS,
    columns: { detector_name: oneOf(`n / ${SYMBOLS}`, DETECTOR_NAMES) },
  },
  {
    table: "discovery_audit_log",
    atOnce: 1,
    columns: { strategy_used: oneOf("n", ["unified_detectors", "hybrid_v1", "legacy_v0"]) },
  },
  {
    table: "ab_testing_results",
    atOnce: 1,
    columns: {
      experiment_name: `'S' || n % ${EXPERIMENTS}`,
      experiment_id: `1 + n % ${EXPERIMENTS}`,
      candidates_count: "1",
      event: "'\\x00'",
    },
  },
  {
    table: "short_interest_quality",
    atOnce: SYMBOLS,
    columns: {
      reporting_date: PERIOD,
      data_source: "'finra'",
      is_leading: "true",
      validation_notes: `'{"exclusions": []}'`,
      event: "'\\x00'",
    },
  },
  {
    table: "short_interest_data",
    atOnce: SYMBOLS,
    columns: { reporting_date: PERIOD, data_source: "'finra'" },
  },
  {
    table: "job_runs",
    // Of the jobs that somebody does the most frequent runs every quarter of an hour.
    atOnce: 4,
    columns: {
      job: oneOf("n", ["j5", "j6", "j7", "j8"]),
      state: "CASE WHEN n % 50 = 7 THEN 'FAILED' ELSE 'SUCCEEDED' END",
      event: "'\\x00'",
    },
  },
  {
    table: "operational_alerts",
    atOnce: 1,
    columns: { kind: oneOf("n", ["k5", "k6", "k7", "k8"]), event: "'\\x00'" },
  },
  {
    table: "hour_metrics",
    atOnce: 10,
    columns: { metric: oneOf("n", ["m5", "m6", "m7", "m8"]), event: "'\\x00'" },
  },
  {
    table: "short_interest_jobs",
    atOnce: 1,
    columns: { job_type: quoted("data_collection"), status: quoted("completed") },
  },
  {
    table: "dead_letters",
    atOnce: 1,
    columns: {
      projection: "'signals'",
      topic: "'signals.detection.v1'",
      partition: "0",
      log_offset: "n",
    },
  },
  {
    table: "portfolio_positions",
    atOnce: SYMBOLS,
    columns: { account: `'account-' || n / ${SYMBOLS}` },
  },
];

function quoted(text: string): string {
  return `'${text}'`;
}

/** The values in turn. */
function oneOf(turn: string, values: readonly string[]): string {
  return `(ARRAY[${values.map(quoted).join(", ")}])[1 + ${turn} % ${values.length}]`;
}
