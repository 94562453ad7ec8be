import { datasetEndpoint, SHORT_INTEREST_DATASET } from "@amc/platform/http/finra-endpoints";
import type { ReadView } from "@amc/query-api/read-model/port";
import { story } from "@amc/query-api/testing/story";

/** A read of the API with the index that answers it. */
interface IndexedRead {
  readonly read: (view: ReadView) => Promise<unknown>;
  /** Null for tables that do not grow. */
  readonly index: string | null;
  /** Rows may be sorted: all of them are in the answer, or few are left by then. */
  readonly sorts?: boolean;
}

const [RUN] = story().runs;
if (RUN === undefined) throw new Error("the story has no run");

/** The newest rows are of the instant of a run, UTC ms. */
export const NEWEST_AT = RUN.event.slot;

const DAY_MS = 86_400_000;
const ID = "00000000-0000-0000-0000-000000000007";
const FIRST = { limit: 51, after: null, asOfMs: null };
const LATER = { limit: 51, asOfMs: null, after: { atMs: NEWEST_AT - DAY_MS, id: ID } };
const RECENT = { fromMs: NEWEST_AT - DAY_MS, toMs: NEWEST_AT };
const ALWAYS = { fromMs: null, toMs: null };
const SPAN = { afterMs: NEWEST_AT - DAY_MS, throughMs: NEWEST_AT };

/** Every read there is, in the ways that its filters make another statement of it. */
export const READS: Readonly<Record<keyof ReadView, readonly IndexedRead[]>> = {
  positions: [{ read: (view) => view.positions(), index: null }],
  // One row a symbol: the newest of each is the whole table.
  latestFeatures: [{ read: (view) => view.latestFeatures(), index: null }],
  runs: [FIRST, LATER, { ...FIRST, asOfMs: NEWEST_AT - DAY_MS }].map((page) => ({
    read: (view) => view.runs(page),
    index: "idx_discovery_runs_happened",
  })),
  run: [{ read: (view) => view.run(ID), index: "discovery_runs_pkey" }],
  candidates: [{ read: (view) => view.candidates(RUN), index: "idx_candidates_slot" }],
  detectorErrors: [{ read: (view) => view.detectorErrors(RUN), index: "stage_timings_pkey" }],
  recommendations: [
    ...[
      { ...FIRST, ...ALWAYS, label: null },
      { ...LATER, ...ALWAYS, label: null },
      { ...FIRST, ...RECENT, label: "trade_ready" as const },
    ].map((query) => ({
      read: (view: ReadView) => view.recommendations({ ...query, symbol: null }),
      index: "idx_recommendations_happened",
    })),
    ...[FIRST, LATER].map((page) => ({
      read: (view: ReadView) =>
        view.recommendations({ ...page, ...ALWAYS, symbol: "S7", label: null }),
      index: "idx_recommendations_symbol_happened",
    })),
  ],
  recommendation: [
    { read: (view) => view.recommendation(ID), index: "recommendations_event_id_key" },
  ],
  verdict: [{ read: (view) => view.verdict(ID), index: "verdicts_pkey" }],
  detections: [{ read: (view) => view.detections([ID]), index: "detections_pkey" }],
  features: [{ read: (view) => view.features(ID), index: "features_slot_pkey" }],
  nearMisses: [
    ...[
      { ...FIRST, gate: null },
      { ...LATER, gate: "rsi_band" },
    ].map((query) => ({
      read: (view: ReadView) => view.nearMisses({ ...query, symbol: null, maxFailedGates: 2 }),
      index: "idx_verdicts_near_miss",
    })),
    {
      read: (view) => view.nearMisses({ ...FIRST, symbol: "S7", gate: null, maxFailedGates: 2 }),
      index: "idx_verdicts_symbol_happened",
    },
  ],
  symbolMoments: [
    { ...FIRST, ...ALWAYS },
    { ...LATER, ...RECENT },
  ].map((query) => ({
    read: (view) => view.symbolMoments({ ...query, symbol: "S7" }, 50),
    index: "idx_features_slot_symbol_happened",
    sorts: true,
  })),
  places: [{ read: (view) => view.places([ID]), index: "event_index_pkey" }],
  holdings: [
    { read: (view) => view.holdings("account-7"), index: "portfolio_positions_pkey", sorts: true },
  ],
  shortInterest: [
    { ...FIRST, ...ALWAYS },
    { ...LATER, ...RECENT },
  ].map((query) => ({
    read: (view) => view.shortInterest({ ...query, symbol: "S7" }),
    index: "idx_short_quality_newest",
  })),
  shortInterestCoverage: ["idx_short_quality_leading", "idx_short_interest_symbol_date"].map(
    (index) => ({ read: (view) => view.shortInterestCoverage(14 * DAY_MS), index }),
  ),
  jobRuns: [
    ...[
      { ...FIRST, ...ALWAYS },
      { ...LATER, ...RECENT },
    ].map((query) => ({
      read: (view: ReadView) => view.jobRuns({ ...query, job: null, state: null }),
      index: "idx_job_runs_newest",
    })),
    {
      read: (view) => view.jobRuns({ ...LATER, ...ALWAYS, job: "j7", state: null }),
      index: "idx_job_runs_job_newest",
    },
    {
      read: (view) => view.jobRuns({ ...FIRST, ...ALWAYS, job: null, state: "FAILED" }),
      index: "idx_job_runs_state_newest",
    },
  ],
  jobStandings: [
    {
      read: (view) => view.jobStandings(NEWEST_AT - DAY_MS),
      index: "idx_job_runs_job_newest",
      sorts: true,
    },
  ],
  operationalAlerts: [
    ...[
      { ...FIRST, ...ALWAYS },
      { ...LATER, ...RECENT },
    ].map((query) => ({
      read: (view: ReadView) => view.operationalAlerts({ ...query, kind: null }),
      index: "idx_operational_alerts_newest",
    })),
    {
      read: (view) => view.operationalAlerts({ ...LATER, ...ALWAYS, kind: "k7" }),
      index: "idx_operational_alerts_kind_newest",
    },
  ],
  hourMetrics: [
    ...[
      { ...FIRST, ...ALWAYS },
      { ...LATER, ...RECENT },
    ].map((query) => ({
      read: (view: ReadView) => view.hourMetrics({ ...query, metric: null }),
      index: "idx_hour_metrics_newest",
    })),
    {
      read: (view) => view.hourMetrics({ ...LATER, ...ALWAYS, metric: "m7" }),
      index: "idx_hour_metrics_metric_newest",
    },
  ],
  // Two dozen rows a year.
  reportingSchedule: [{ read: (view) => view.reportingSchedule(), index: null, sorts: true }],
  experiments: [{ read: (view) => view.experiments(50), index: null, sorts: true }],
  experiment: [{ read: (view) => view.experiment("S7"), index: null }],
  experimentResults: [FIRST, LATER].map((page) => ({
    read: (view) => view.experimentResults("S7", page),
    index: "idx_ab_testing_results_newest",
  })),
  experimentExtent: [
    {
      read: (view) => view.experimentExtent("S7"),
      index: "Index Only Scan using idx_ab_testing_results_newest",
    },
  ],
  isExposed: [{ read: (view) => view.isExposed(RUN), index: "idx_ab_testing_results_tick" }],
  experimentArms: [
    {
      read: (view) => view.experimentArms(),
      index: "Index Only Scan using idx_ab_testing_results_newest",
    },
  ],
  providers: ["idx_provider_timestamp", "idx_provider_success", "idx_provider_events"].map(
    (index) => ({ read: (view) => view.providers(SPAN), index, sorts: true }),
  ),
  unansweredSince: [
    {
      read: (view) =>
        view.unansweredSince({
          ...{ provider: "finra_short", throughMs: NEWEST_AT },
          endpoint: datasetEndpoint(SHORT_INTEREST_DATASET),
        }),
      index: "idx_provider_timestamp",
      sorts: true,
    },
  ],
};
