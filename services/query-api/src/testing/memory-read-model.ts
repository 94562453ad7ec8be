import type {
  AlertRaised,
  Detection,
  HourMetric,
  JobRun,
  ShortQuality,
} from "@amc/schemas/generated/events";
import { type DetectorName, isDetectorName } from "@amc/streams/detectors/detector";
import type {
  ArmCounts,
  Holding,
  NearMiss,
  NearMissesQuery,
  PageQuery,
  ProjectedPosition,
  ProviderStanding,
  ReadModel,
  ReadView,
  RecordPlace,
  ReportingPeriod,
  ShortInterestCoverage,
  Stored,
  StoredExperiment,
  StoredExperimentResult,
  SymbolMoment,
  SymbolQuery,
} from "../read-model/port.ts";
import { jobReads } from "./memory-job-runs.ts";
import { operationReads } from "./memory-operations.ts";
import type { Story } from "./story.ts";

interface Contents {
  readonly story: Story;
  readonly positions?: readonly ProjectedPosition[];
  readonly places?: ReadonlyMap<string, RecordPlace>;
  readonly providers?: readonly ProviderStanding[];
  readonly unansweredSince?: number | null;
  readonly holdings?: readonly Holding[];
  readonly shortInterest?: readonly Stored<ShortQuality>[];
  readonly coverage?: ShortInterestCoverage;
  readonly jobs?: readonly Stored<JobRun>[];
  readonly operationalAlerts?: readonly Stored<AlertRaised>[];
  readonly hours?: readonly Stored<HourMetric>[];
  readonly schedule?: readonly ReportingPeriod[];
  readonly experiments?: readonly StoredExperiment[];
  readonly results?: readonly StoredExperimentResult[];
  readonly missingMigrations?: readonly string[];
}

type AnyStored = Stored<{ readonly happenedAt: number }>;

const NOTHING_COVERED: ShortInterestCoverage = {
  ...{ atMs: null, tracked: 0, reported: 0, usable: 0, fresh: 0, thinlyTraded: 0 },
  simulated: false,
};

/** The port over a story in memory, with a plain reading of what each query means. */
export function memoryReadModel({
  story,
  positions = [],
  places = new Map(),
  providers = [],
  unansweredSince = null,
  holdings = [],
  shortInterest = [],
  coverage = NOTHING_COVERED,
  jobs = [],
  operationalAlerts = [],
  hours = [],
  schedule = [],
  experiments = [],
  results = [],
  missingMigrations = [],
}: Contents): ReadModel {
  const { evaluations, runs, recommendations } = story;
  const storedRuns = runs.map((run) => ({ ...run, executionMs: 12 }));
  const detections = evaluations.flatMap((each) => each.detections);
  const view: ReadView = {
    positions: async () => positions,
    runs: async (query) => page(storedRuns, query),
    run: async (runId) => storedRuns.find((run) => run.event.runId === runId) ?? null,
    candidates: async ({ event }) =>
      event.candidates.flatMap(({ verdictId }) => {
        return evaluations.flatMap(({ candidate }) =>
          candidate?.event.verdictId === verdictId ? [candidate] : [],
        );
      }),
    detectorErrors: async (run) => errorsAt(run.event.happenedAt, detections),
    recommendations: async (query) => {
      const matching = recommendations.filter(
        ({ event }) =>
          (query.symbol === null || event.symbol === query.symbol) &&
          (query.label === null || event.label.toLowerCase() === query.label) &&
          isBetween(event.happenedAt, query),
      );
      return page(matching, query);
    },
    recommendation: async (id) => recommendations.find((each) => each.id === id) ?? null,
    verdict: async (id) => evaluations.find(({ verdict }) => verdict.id === id)?.verdict ?? null,
    detections: async (ids) => ids.flatMap((id) => detections.filter((each) => each.id === id)),
    features: async (id) =>
      evaluations.find(({ features }) => features.id === id)?.features ?? null,
    latestFeatures: async () => [
      ...new Map(evaluations.map(({ features }) => [features.event.symbol, features])).values(),
    ],
    nearMisses: async (query) => nearMisses(evaluations, query),
    symbolMoments: async (query, detailed) => momentsOf(story, query, detailed),
    places: async () => places,
    providers: async () => providers,
    unansweredSince: async () => unansweredSince,
    holdings: async (account) => heldBy(account, holdings),
    shortInterest: async (query) => page(judgedOf(shortInterest, query), query),
    shortInterestCoverage: async () => coverage,
    ...jobReads(jobs),
    ...operationReads(operationalAlerts, hours),
    reportingSchedule: async () => schedule,
    ...experimentReads(experiments, results),
  };
  const state = { positions: positions.map((at) => ({ ...at, epoch: 1, owner: null })) };
  return {
    read: (reads) => reads(view),
    readOnce: (reads) => reads(view),
    state: async () => state,
    missingMigrations: async () => missingMigrations,
    ping: async () => undefined,
  };
}

function errorsAt(
  atMs: number,
  detections: readonly Stored<Detection>[],
): ReadonlyMap<DetectorName, number> {
  const errors = new Map<DetectorName, number>();
  for (const { event } of detections) {
    if (event.happenedAt !== atMs || !isDetectorName(event.detector)) continue;
    const before = errors.get(event.detector) ?? 0;
    errors.set(event.detector, before + (event.error === null ? 0 : 1));
  }
  return errors;
}

function nearMisses(evaluations: Story["evaluations"], query: NearMissesQuery): NearMiss[] {
  const rejected = evaluations.map(({ verdict }) => ({
    ...verdict,
    failedGates: verdict.event.gates.filter((gate) => gate.hard && gate.outcome === "FAILED")
      .length,
  }));
  const matching = rejected.filter(
    ({ event, failedGates }) =>
      failedGates > 0 &&
      failedGates <= query.maxFailedGates &&
      (query.symbol === null || event.symbol === query.symbol) &&
      (query.gate === null || event.firstFailure === query.gate),
  );
  return page(matching, query);
}

function judgedOf(judged: readonly Stored<ShortQuality>[], query: SymbolQuery) {
  return judged.filter(
    ({ event }) => event.symbol === query.symbol && isBetween(event.happenedAt, query),
  );
}

function heldBy(account: string | null, holdings: readonly Holding[]): Holding[] {
  return holdings
    .filter((held) => account === null || held.account === account)
    .toSorted((a, b) => compareText(a.symbol, b.symbol) || compareText(a.account, b.account));
}

type ExperimentReads = Pick<
  ReadView,
  | "experiments"
  | "experiment"
  | "experimentResults"
  | "experimentExtent"
  | "isExposed"
  | "experimentArms"
>;

function experimentReads(
  experiments: readonly StoredExperiment[],
  results: readonly StoredExperimentResult[],
): ExperimentReads {
  return {
    experiments: async (limit) =>
      experiments.toSorted((a, b) => b.createdAt - a.createdAt).slice(0, limit),
    experiment: async (name) => experiments.find((each) => each.name === name) ?? null,
    experimentResults: async (name, query) =>
      page(
        results.filter(({ event }) => event.experiment === name),
        query,
      ),
    experimentExtent: async (name) => {
      const ids = results.filter(({ event }) => event.experiment === name).map(({ id }) => id);
      return { count: ids.length, digest: ids.toSorted().join() };
    },
    isExposed: async (run) => results.some(({ event }) => event.runId === run.event.runId),
    experimentArms: async () => armsOf(experiments, results),
  };
}

function armsOf(
  experiments: readonly StoredExperiment[],
  results: readonly StoredExperimentResult[],
): ArmCounts[] {
  const counts = new Map<string, ArmCounts>();
  for (const { name, status } of experiments) {
    if (status !== "ACTIVE" && status !== "PAUSED") continue;
    for (const { event } of results.filter((result) => result.event.experiment === name)) {
      const { strategy } = event;
      const known = counts.get(`${name}/${strategy}`) ?? { exposures: 0, candidates: 0 };
      counts.set(`${name}/${strategy}`, {
        experiment: name,
        strategy,
        exposures: known.exposures + 1,
        candidates: known.candidates + event.candidates,
      });
    }
  }
  return [...counts.values()];
}

function momentsOf({ evaluations }: Story, query: SymbolQuery, detailed: number): SymbolMoment[] {
  const detections = evaluations.flatMap((each) => each.detections);
  const matching = evaluations
    .map(({ features }) => features)
    .filter(({ event }) => event.symbol === query.symbol && isBetween(event.happenedAt, query));
  return page(matching, query).map((features, at) => ({
    features,
    detections: at < detailed ? detections.filter(isMadeFrom(features)).toSorted(byDetector) : [],
  }));
}

function isMadeFrom({ id }: AnyStored) {
  return ({ event }: Stored<Detection>): boolean => event.featuresId === id;
}

function byDetector(a: Stored<Detection>, b: Stored<Detection>): number {
  if (a.event.detector !== b.event.detector) return a.event.detector < b.event.detector ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}

function isBetween(
  ms: number,
  { fromMs, toMs }: { fromMs: number | null; toMs: number | null },
): boolean {
  return (fromMs === null || ms >= fromMs) && (toMs === null || ms < toMs);
}

function page<Row extends AnyStored>(
  rows: readonly Row[],
  { limit, after, asOfMs }: PageQuery,
): Row[] {
  return rows
    .toSorted((a, b) => compare(keyOf(b), keyOf(a)))
    .filter((row) => asOfMs === null || row.event.happenedAt <= asOfMs)
    .filter((row) => after === null || compare(keyOf(row), [after.atMs, after.id]) < 0)
    .slice(0, limit);
}

function keyOf(row: AnyStored): readonly [number, string] {
  return [row.event.happenedAt, row.id];
}

function compare([a, idA]: readonly [number, string], [b, idB]: readonly [number, string]): number {
  if (a !== b) return a - b;
  return idA < idB ? -1 : idA > idB ? 1 : 0;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
