import type { DataProvider } from "@amc/platform/http/provider-limits";
import type { Position } from "@amc/platform/log/port";
import type {
  AlertRaised,
  Candidate,
  Detection,
  ExperimentResult,
  Features,
  HourMetric,
  JobRun,
  Recommendation,
  Run,
  ShortQuality,
  Verdict,
} from "@amc/schemas/generated/events";
import type { DetectorName } from "@amc/streams/detectors/detector";
import type { MetricName } from "@amc/streams/experiments/metrics";
import type { TrafficSplit } from "@amc/streams/experiments/traffic-split";
import type { ReportingScheduleRow } from "@amc/streams/short-interest/finra-calendar";
import type { PageKey } from "../http/cursor.ts";

/** An event as the read model keeps it. */
export interface Stored<Event> {
  /** `ce_id` of the event. */
  readonly id: string;
  readonly event: Event;
}

export interface PageQuery {
  readonly limit: number;
  /** Rows after this place in descending order; null starts at the newest. */
  readonly after: PageKey | null;
  /** Only what had happened by then, ms; null for everything. */
  readonly asOfMs: number | null;
}

export interface RecommendationsQuery extends PageQuery {
  readonly symbol: string | null;
  readonly label: "watchlist" | "trade_ready" | null;
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

export interface NearMissesQuery extends PageQuery {
  readonly symbol: string | null;
  /** Gate that failed first. */
  readonly gate: string | null;
  /** Most hard gates that may have failed. */
  readonly maxFailedGates: number;
}

/** A rejected evaluation that came close. */
export interface NearMiss extends Stored<Verdict> {
  readonly failedGates: number;
}

export interface SymbolQuery extends PageQuery {
  readonly symbol: string;
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

/** Features of a symbol at one instant with what each detector made of them, by detector. */
export interface SymbolMoment {
  readonly features: Stored<Features>;
  readonly detections: readonly Stored<Detection>[];
}

/** A run with what the runtime measured about it; null until that is projected. */
export interface StoredRun extends Stored<Run> {
  readonly executionMs: number | null;
}

/** An experiment as its newest decision has it. Instants are UTC ms. */
export interface StoredExperiment {
  readonly name: string;
  /** `ce_id` of that decision. */
  readonly decisionId: string;
  readonly decidedAt: number;
  /** ACTIVE, PAUSED, CANCELLED, or COMPLETED from the first run at or after its end on. */
  readonly status: string;
  readonly createdAt: number;
  readonly startAt: number;
  readonly endAt: number;
  readonly split: TrafficSplit;
  readonly metrics: readonly MetricName[];
  readonly actor: string;
  readonly reason: string;
}

/** A run under an experiment; null until the runtime's measurement is projected. */
export interface StoredExperimentResult extends Stored<ExperimentResult> {
  readonly executionMs: number | null;
}

/** Which results of an experiment the tables hold: equal when and only when they are the same. */
export interface ResultsExtent {
  readonly count: number;
  /** Of their ids, in whatever order they came. */
  readonly digest: string;
}

/** What one arm of an experiment has had so far. */
export interface ArmCounts {
  readonly experiment: string;
  readonly strategy: string;
  readonly exposures: number;
  readonly candidates: number;
}

/** One period of FINRA's reports; dates `yyyy-mm-dd` in New York. */
export interface ReportingPeriod extends ReportingScheduleRow {
  /** pending, available from its publication on, processed once a figure of it came. */
  readonly status: string;
  readonly notes: string | null;
}

/** Symbols by what is known of their short interest. */
export interface ShortInterestCoverage {
  /** Newest instant at which any symbol had features, UTC ms; null when none ever had. */
  readonly atMs: number | null;
  /** With a price, of today or of a session before. */
  readonly tracked: number;
  /** Of these, with a report; the counts below are of the newest one of each. */
  readonly reported: number;
  /** That may be scored at `atMs`. */
  readonly usable: number;
  /** Published at most so long before `atMs` as was asked. */
  readonly fresh: number;
  /** Left out because little of the symbol is traded (R-SI-10). */
  readonly thinlyTraded: number;
  /** Whether anything of what is counted is simulated. */
  readonly simulated: boolean;
}

export interface JobRunsQuery extends PageQuery {
  readonly job: string | null;
  readonly state: JobRun["state"] | null;
  /** Of the instants of schedules, UTC ms. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

export interface OperationalAlertsQuery extends PageQuery {
  readonly kind: string | null;
  /** Of the instants that they are about, UTC ms. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

export interface HourMetricsQuery extends PageQuery {
  readonly metric: string | null;
  /** Of the ends of hours, UTC ms. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

/** How one scheduled job stands; counts are of the runs since an instant. */
export interface JobStanding {
  readonly job: string;
  /** Id of its newest run, and the newest step of that. */
  readonly newestId: string;
  readonly newest: JobRun;
  /** Instant of the newest run that succeeded, UTC ms; null when none did. */
  readonly lastSuccessDueAt: number | null;
  readonly succeeded: number;
  /** Given up: one that waits for another attempt is none of them. */
  readonly failed: number;
  readonly skipped: number;
}

/** Where a record lies in the log. */
export interface RecordPlace {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** How far one projection has got: the next offset it will apply. */
export interface ProjectedPosition extends Position {
  readonly projection: string;
}

/** A position, and who moves it. */
export interface TablesPosition extends ProjectedPosition {
  /** Raised by everybody who takes it over, and by a rebuild that is swapped in, which may keep all the others. */
  readonly epoch: number;
  /**
   * The projector, by a name that no other process has: at equal positions, epochs and owners the rows are
   * equal in whatever process asks. Null where nobody knows.
   */
  readonly owner: string | null;
}

/**
 * What the tables hold at one instant: the same object only as long as nothing is written. A server that
 * cannot tell, as a standby cannot, has another one each time.
 */
export interface TablesState {
  readonly positions: readonly TablesPosition[];
}

/** How a provider stands at an instant, by its recorded calls. */
export interface ProviderStanding {
  readonly provider: DataProvider;
  /** Whether a mock answered last; all that follows is of that one, or of the provider alone. */
  readonly simulated: boolean;
  /** Requests sent in the span that was asked for. */
  readonly calls: number;
  readonly successes: number;
  readonly rateLimited: number;
  /** Of all requests of the span; null without one. */
  readonly meanMs: number | null;
  readonly p95Ms: number | null;
  /** UTC ms, before the span too; null when there was none. */
  readonly lastCallAt: number | null;
  readonly lastSuccessAt: number | null;
  /** How its breaker stands: OPENED, HALF_OPENED or CLOSED; null when it never changed. */
  readonly breaker: string | null;
  /** Of its newest change. */
  readonly breakerReason: string | null;
  readonly autoRecoveryAt: number | null;
  /** Requests of the time before the end of the span in which the provider counts (`ALLOWANCE_WINDOW_MS`). */
  readonly spent: number;
}

/** An open position of one account, with the newest price of its symbol. */
export interface Holding {
  readonly account: string;
  readonly symbol: string;
  /** Shares, never 0; negative is short. */
  readonly quantity: number;
  /** USD per share; null when the statement does not know it. */
  readonly averageEntryPrice: number | null;
  /** As-of of the statement, UTC ms. */
  readonly asOfMs: number;
  readonly simulated: boolean;
  /** Null when no price of the symbol was ever observed. */
  readonly price: HoldingPrice | null;
}

export interface HoldingPrice {
  /** USD. */
  readonly last: number;
  /** When it was, UTC ms. */
  readonly atMs: number;
  readonly simulated: boolean;
}

/** Reads of one answer, each of them one statement. Lists are newest first. */
export interface ReadView {
  positions(): Promise<readonly ProjectedPosition[]>;
  runs(query: PageQuery): Promise<readonly StoredRun[]>;
  run(runId: string): Promise<StoredRun | null>;
  /** Listed candidates of one run, best first; only those that are projected by now. */
  candidates(run: Stored<Run>): Promise<readonly Stored<Candidate>[]>;
  /** Evaluations of a run that ended in an error mark, per detector the runtime measured there. */
  detectorErrors(run: Stored<Run>): Promise<ReadonlyMap<DetectorName, number>>;
  recommendations(query: RecommendationsQuery): Promise<readonly Stored<Recommendation>[]>;
  recommendation(id: string): Promise<Stored<Recommendation> | null>;
  verdict(id: string): Promise<Stored<Verdict> | null>;
  /** In the order of `ids`; those not kept are left out. */
  detections(ids: readonly string[]): Promise<readonly Stored<Detection>[]>;
  features(id: string): Promise<Stored<Features> | null>;
  /** The newest of every symbol that has a price, in no order. */
  latestFeatures(): Promise<readonly Stored<Features>[]>;
  nearMisses(query: NearMissesQuery): Promise<readonly NearMiss[]>;
  /** Detections only of the first `detailed` moments; the others have none. */
  symbolMoments(query: SymbolQuery, detailed: number): Promise<readonly SymbolMoment[]>;
  /** Where the events with these ids lie in the log; ids the index does not hold are left out. */
  places(ids: readonly string[]): Promise<ReadonlyMap<string, RecordPlace>>;
  /** Open positions by symbol, then account; of one account, or of all for null. */
  holdings(account: string | null): Promise<readonly Holding[]>;
  /** Every judgement of every source. */
  shortInterest(query: SymbolQuery): Promise<readonly Stored<ShortQuality>[]>;
  /** `maxAgeMs` is the longest age since publication that counts as fresh. */
  shortInterestCoverage(maxAgeMs: number): Promise<ShortInterestCoverage>;
  /** FINRA's periods, oldest settlement date first. */
  reportingSchedule(): Promise<readonly ReportingPeriod[]>;
  /** Runs of scheduled jobs by the instants of their schedules; ids are those of the runs. */
  jobRuns(query: JobRunsQuery): Promise<readonly Stored<JobRun>[]>;
  /** Every job with a run whose instant is at or after one, UTC ms, by name. */
  jobStandings(sinceMs: number): Promise<readonly JobStanding[]>;
  /** What operators have to look into. */
  operationalAlerts(query: OperationalAlertsQuery): Promise<readonly Stored<AlertRaised>[]>;
  /** Figures of hours, by the ends of those. */
  hourMetrics(query: HourMetricsQuery): Promise<readonly Stored<HourMetric>[]>;
  /** Newest first. */
  experiments(limit: number): Promise<readonly StoredExperiment[]>;
  experiment(name: string): Promise<StoredExperiment | null>;
  experimentResults(name: string, query: PageQuery): Promise<readonly StoredExperimentResult[]>;
  experimentExtent(name: string): Promise<ResultsExtent>;
  /** Whether an experiment chose the strategy of this run. */
  isExposed(run: Stored<Run>): Promise<boolean>;
  /** Of experiments that are not over. */
  experimentArms(): Promise<readonly ArmCounts[]>;
  /** Every provider, counting calls after the one instant and through the other, UTC ms. */
  providers(span: {
    readonly afterMs: number;
    readonly throughMs: number;
  }): Promise<readonly ProviderStanding[]>;
  /**
   * Since when a provider, or its mock where that was asked last, has been asked one thing in vain, UTC ms:
   * the first call after the last that succeeded; null where that is the last of all, or none was made.
   */
  unansweredSince(asked: {
    readonly provider: DataProvider;
    readonly endpoint: string;
    readonly throughMs: number;
  }): Promise<number | null>;
}

/** The projected tables, read only. Failures carry the driver's code (SQLSTATE or socket error). */
export interface ReadModel {
  /** Runs the reads of one answer in one read-only snapshot. */
  read<Answer>(reads: (view: ReadView) => Promise<Answer>): Promise<Answer>;
  /** As `read` for an answer that makes one read, which is one round trip. Throws at a second one. */
  readOnce<Answer>(reads: (view: ReadView) => Promise<Answer>): Promise<Answer>;
  /** How the tables are now. What is read after the answer to this is not older than it. */
  state(): Promise<TablesState>;
  /** Migrations of this build that the database lacks, in their order: reads of what they bring fail. */
  missingMigrations(): Promise<readonly string[]>;
  /** Resolves when the database answers. */
  ping(): Promise<void>;
}
