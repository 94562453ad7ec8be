import { isDetectorName } from "@amc/streams/detectors/detector";
import { Conditions } from "./conditions.ts";
import { experimentReads } from "./experiments.ts";
import { jobRunReads } from "./job-runs.ts";
import { openHoldings } from "./open-holdings.ts";
import { operationReads } from "./operation-reads.ts";
import type { ReadView, StoredRun } from "./port.ts";
import { IS_PRICED } from "./priced.ts";
import { providerStandings, unansweredSince } from "./provider-standings.ts";
import { shortInterestReads } from "./short-interest.ts";
import {
  integerOf,
  integerOrNull,
  type Row,
  type RunQuery,
  storedEvent,
  textOf,
} from "./stored-rows.ts";
import { symbolMoments } from "./symbol-moments.ts";

const RUN = "discovery.run.v1";
const CANDIDATE = "discovery.candidate.v1";
const RECOMMENDATION = "discovery.recommendation.v1";
const VERDICT = "signals.verdict.v1";
const DETECTION = "signals.detection.v1";
const FEATURES = "signals.features.v1";

/** The reads of one answer. Every value travels as `$n`; the texts below are all there are. */
export function postgresView(run: RunQuery): ReadView {
  return {
    positions: async () => {
      const rows = await run(
        "SELECT projection, topic, partition, next_offset FROM projection_positions",
        [],
      );
      return rows.map((row) => ({
        projection: textOf(row, "projection"),
        topic: textOf(row, "topic"),
        partition: integerOf(row, "partition"),
        next: integerOf(row, "next_offset"),
      }));
    },
    ...runReads(run),
    ...recommendationReads(run),
    ...verdictReads(run),
    ...evidenceReads(run),
    holdings: (account) => openHoldings(run, account),
    ...experimentReads(run),
    ...shortInterestReads(run),
    ...jobRunReads(run),
    ...operationReads(run),
    providers: (span) => providerStandings(run, span),
    unansweredSince: (asked) => unansweredSince(run, asked),
  };
}

function runReads(run: RunQuery): Pick<ReadView, "runs" | "run" | "candidates" | "detectorErrors"> {
  return {
    runs: async (query) => {
      const where = new Conditions().page(query);
      const rows = await run(
        `SELECT event_id, event, execution_ms FROM discovery_runs ${where.text} ${where.newestFirst(query)}`,
        where.values,
      );
      return rows.map(storedRun);
    },
    run: async (runId) => {
      const [row] = await run(
        "SELECT event_id, event, execution_ms FROM discovery_runs WHERE run_id = $1",
        [runId],
      );
      return row === undefined ? null : storedRun(row);
    },
    candidates: async ({ event }) => {
      const rows = await run(
        `SELECT event_id, event FROM candidates
          WHERE slot = $1 AND strategy = $2 AND profile = $3 AND config_version = $4 AND listed`,
        [new Date(event.slot), event.strategy, event.profile, event.configVersion],
      );
      const rankOf = new Map(event.candidates.map((ranked) => [ranked.verdictId, ranked.rank]));
      return rows
        .map((row) => storedEvent(CANDIDATE, row))
        .filter((candidate) => rankOf.has(candidate.event.verdictId))
        .sort(
          (a, b) => (rankOf.get(a.event.verdictId) ?? 0) - (rankOf.get(b.event.verdictId) ?? 0),
        );
    },
    detectorErrors: async ({ event }) => {
      const rows = await run(
        `SELECT stage, sum(errors)::bigint AS errors FROM stage_timings
          WHERE projection = 'signals' AND happened_at = $1 GROUP BY stage`,
        [new Date(event.happenedAt)],
      );
      const errors = rows.map((row) => [textOf(row, "stage"), integerOf(row, "errors")] as const);
      return new Map(errors.flatMap(([stage, n]) => (isDetectorName(stage) ? [[stage, n]] : [])));
    },
  };
}

function recommendationReads(run: RunQuery): Pick<ReadView, "recommendations" | "recommendation"> {
  return {
    recommendations: async (query) => {
      const where = new Conditions()
        .equal("symbol", query.symbol)
        .equal("label", query.label)
        .since(query.fromMs)
        .before(query.toMs)
        .page(query);
      const rows = await run(
        `SELECT event_id, event FROM recommendations ${where.text} ${where.newestFirst(query)}`,
        where.values,
      );
      return rows.map((row) => storedEvent(RECOMMENDATION, row));
    },
    recommendation: async (id) => {
      const [row] = await run("SELECT event_id, event FROM recommendations WHERE event_id = $1", [
        id,
      ]);
      return row === undefined ? null : storedEvent(RECOMMENDATION, row);
    },
  };
}

function verdictReads(run: RunQuery): Pick<ReadView, "verdict" | "nearMisses"> {
  return {
    verdict: async (id) => {
      const [row] = await run("SELECT event_id, event FROM verdicts WHERE event_id = $1", [id]);
      return row === undefined ? null : storedEvent(VERDICT, row);
    },
    nearMisses: async (query) => {
      const where = new Conditions()
        .equal("symbol", query.symbol)
        .equal("first_failure", query.gate)
        .failedGates(query.maxFailedGates)
        .page(query);
      const rows = await run(
        `SELECT event_id, event, failed_gates FROM verdicts ${where.text} ${where.newestFirst(query)}`,
        where.values,
      );
      return rows.map((row) => ({
        ...storedEvent(VERDICT, row),
        failedGates: integerOf(row, "failed_gates"),
      }));
    },
  };
}

/** What verdicts rest on, and where in the log it lies. */
function evidenceReads(
  run: RunQuery,
): Pick<ReadView, "detections" | "features" | "latestFeatures" | "symbolMoments" | "places"> {
  return {
    detections: async (ids) => {
      const rows = await run(
        "SELECT event_id, event FROM detections WHERE event_id = ANY($1::uuid[])",
        [ids],
      );
      return rows
        .map((row) => storedEvent(DETECTION, row))
        .sort((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id));
    },
    features: async (id) => {
      const [row] = await run("SELECT event_id, event FROM features_slot WHERE event_id = $1", [
        id,
      ]);
      return row === undefined ? null : storedEvent(FEATURES, row);
    },
    latestFeatures: async () => {
      const rows = await run(`SELECT event_id, event FROM features_latest WHERE ${IS_PRICED}`, []);
      return rows.map((row) => storedEvent(FEATURES, row));
    },
    symbolMoments: (query, detailed) => symbolMoments(run, query, detailed),
    places: async (ids) => {
      const rows = await run(
        "SELECT event_id, topic, partition, log_offset FROM event_index WHERE event_id = ANY($1::uuid[])",
        [ids],
      );
      return new Map(rows.map((row) => [textOf(row, "event_id"), placeOf(row)]));
    },
  };
}

function storedRun(row: Row): StoredRun {
  return { ...storedEvent(RUN, row), executionMs: integerOrNull(row, "execution_ms") };
}

function placeOf(row: Row) {
  return {
    topic: textOf(row, "topic"),
    partition: integerOf(row, "partition"),
    offset: integerOf(row, "log_offset"),
  };
}
