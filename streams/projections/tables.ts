import { alertDeliveries, alerts } from "./alerts/table.ts";
import { candidates } from "./candidates/table.ts";
import type { Column } from "./columns.ts";
import { deadLetters } from "./dead-letters/table.ts";
import { detections, detectorPerformance } from "./detections/table.ts";
import { eventIndex } from "./event-index/table.ts";
import { abTestingExperiments, abTestingResults } from "./experiments/table.ts";
import { featuresLatest, featuresSlot } from "./features/table.ts";
import { hourMetrics } from "./hour-metrics/table.ts";
import { jobRuns, shortInterestJobs } from "./job-runs/table.ts";
import { operationalAlerts } from "./operational-alerts/table.ts";
import { portfolioPositions } from "./positions/table.ts";
import { pricesLatest } from "./prices/table.ts";
import { circuitBreakerEvents, providerApiCalls } from "./provider-calls/table.ts";
import { recommendations } from "./recommendations/table.ts";
import { finraReportingSchedule, finraScheduleOverrides } from "./reporting-schedule/table.ts";
import { discoveryAuditLog, discoveryRuns } from "./runs/table.ts";
import { shortInterestData, shortInterestQuality } from "./short-quality/table.ts";
import { stageTimings } from "./stage-timings/table.ts";
import type { RowOf, Table } from "./table.ts";
import { verdicts } from "./verdicts/table.ts";

/**
 * Every table of the read model. Projector, comparer, retention and tests take their columns, keys
 * and conflict rules from here; the migrations are checked against it. A surrogate `id` that a
 * table may have is never written or compared.
 */
export const TABLES = {
  prices_latest: pricesLatest,
  features_latest: featuresLatest,
  features_slot: featuresSlot,
  detections,
  verdicts,
  stage_timings: stageTimings,
  detector_performance: detectorPerformance,
  candidates,
  discovery_runs: discoveryRuns,
  discovery_audit_log: discoveryAuditLog,
  recommendations,
  alerts,
  alert_deliveries: alertDeliveries,
  provider_api_calls: providerApiCalls,
  circuit_breaker_events: circuitBreakerEvents,
  ab_testing_experiments: abTestingExperiments,
  ab_testing_results: abTestingResults,
  event_index: eventIndex,
  finra_reporting_schedule: finraReportingSchedule,
  finra_schedule_overrides: finraScheduleOverrides,
  short_interest_data: shortInterestData,
  short_interest_quality: shortInterestQuality,
  short_interest_jobs: shortInterestJobs,
  job_runs: jobRuns,
  operational_alerts: operationalAlerts,
  hour_metrics: hourMetrics,
  portfolio_positions: portfolioPositions,
  dead_letters: deadLetters,
} as const satisfies Record<string, Table>;

export type TableName = keyof typeof TABLES;

export type TableRow<Name extends TableName = TableName> = RowOf<(typeof TABLES)[Name]>;

export const TABLE_NAMES: readonly TableName[] = Object.keys(TABLES).filter(isTableName);

export function isTableName(name: string): name is TableName {
  return Object.hasOwn(TABLES, name);
}

/** The definition without its literal types, for code that handles all tables alike. */
export function tableOf(name: TableName): Table {
  return TABLES[name];
}

export function columnsOf(name: TableName): readonly (readonly [string, Column])[] {
  return Object.entries(tableOf(name).columns);
}
