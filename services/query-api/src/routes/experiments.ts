import type { Comparison } from "@amc/streams/experiments/analysis";
import type { FastifyInstance } from "fastify";
import { ApiError } from "../api-error.ts";
import type { ApiContext } from "../context.ts";
import {
  ExperimentAnalyses,
  type ExperimentAnalysis,
  RESULTS_MAX,
} from "../experiments/experiment-analyses.ts";
import { answer, answerSchema, linkNext, pageSchema } from "../http/answer.ts";
import { cursorsOf } from "../http/cursor.ts";
import { pageOfEvents } from "../http/event-page.ts";
import { NO_QUERY, PARAMETERS, query } from "../http/query-schema.ts";
import { eventJson, type JsonObject, time } from "../json/event-json.ts";
import {
  COUNT,
  described,
  eventSchema,
  FLAG,
  type JsonSchema,
  listOf,
  NUMBER,
  nullable,
  object,
  TEXT,
  TIME,
} from "../json/json-schema.ts";
import type { StoredExperiment, StoredExperimentResult } from "../read-model/port.ts";

/** Operators start one at a time: this many are years of them. */
const EXPERIMENTS_MAX = 100;

const METRICS_COUNT =
  "What arms are compared by, per run: candidates counts all of them before the cap; trade_ready, watchlist and the scores are of the ranked ones that the cap leaves";

const EXPERIMENT = object({
  name: TEXT,
  status: {
    type: "string",
    enum: ["ACTIVE", "PAUSED", "COMPLETED", "CANCELLED"],
    description: "COMPLETED from the first run at or after its end on",
  },
  createdAt: TIME,
  startAt: described(TIME, "First instant whose runs take part"),
  endAt: described(TIME, "First instant whose runs do not take part any more"),
  split: listOf(object({ strategy: TEXT, weight: described(COUNT, "Percent of the runs") })),
  metrics: listOf(TEXT, METRICS_COUNT),
  decidedAt: described(TIME, "Event time of the newest decision about it"),
  actor: described(TEXT, "Who took it"),
  reason: described(TEXT, "Why"),
});
const ARM = object({
  strategy: TEXT,
  exposures: described(COUNT, "Runs that were given this strategy"),
  candidates: described(COUNT, "All candidates of these runs, before the cap"),
  fallbackCandidates: described(
    COUNT,
    "Ranked candidates of these runs, after the cap, that the fallback scored as this one failed",
  ),
});
const COMPARISON = object({
  metric: described(TEXT, METRICS_COUNT),
  control: described(TEXT, "The first arm by name"),
  treatment: TEXT,
  controlSize: described(COUNT, "Runs that have the metric"),
  treatmentSize: COUNT,
  controlMean: nullable(NUMBER),
  treatmentMean: nullable(NUMBER),
  verdict: { type: "string", enum: ["significant", "not_significant", "insufficient"] },
  reason: described(nullable(TEXT), "Why nothing can be decided: too-few-values or no-scatter"),
  t: described(
    nullable(NUMBER),
    "Student's t of equal variances; positive: the treatment has more",
  ),
  degreesOfFreedom: nullable(COUNT),
  pValue: described(nullable(NUMBER), "Two-sided"),
  effectSize: described(nullable(NUMBER), "Cohen's d, of sample variances, with the sign of t"),
  confidenceLevel: NUMBER,
});
const ANALYSED = object({
  experiment: EXPERIMENT,
  arms: listOf(ARM),
  comparisons: listOf(COMPARISON),
  isTruncated: described(
    FLAG,
    `True with more than ${RESULTS_MAX} runs: only the newest are compared`,
  ),
  isFinal: described(
    FLAG,
    "False until its end, as looking daily finds differences that are none, and while isTruncated",
  ),
});
const RESULT = eventSchema("amc.experiments.ExperimentResult", {
  id: described(TEXT, "Event id"),
  executionMs: described(nullable(COUNT), "Time the stages spent on the run, ms"),
});
const NAME = {
  type: "object",
  required: ["name"],
  properties: { name: { type: "string", pattern: "^[a-z0-9][a-z0-9_-]{0,49}$" } },
} satisfies JsonSchema;

interface Named {
  readonly name: string;
}

/** `/experiments`: what runs are shared among strategies, what came of it, and what that proves. */
export function experimentRoutes(app: FastifyInstance, context: ApiContext): void {
  const analyses = new ExperimentAnalyses(context);
  app.get("/experiments", {
    config: { scope: "read" },
    schema: {
      summary: "Experiments, newest first",
      tags: ["experiments"],
      querystring: NO_QUERY,
      response: { 200: answerSchema(listOf(EXPERIMENT)) },
    },
    handler: () =>
      answer(context, async (view) => {
        const experiments = await view.experiments(EXPERIMENTS_MAX);
        const newestMs = experiments[0]?.decidedAt ?? null;
        return { data: experiments.map(experimentJson), newestMs, simulated: false };
      }),
  });
  app.get<{ Params: Named }>("/experiments/:name", {
    config: { scope: "read" },
    schema: {
      summary: "One experiment: arms, and how they differ by each metric",
      tags: ["experiments"],
      params: NAME,
      querystring: NO_QUERY,
      response: { 200: answerSchema(ANALYSED) },
    },
    handler: async (request, reply) => {
      let source: ExperimentAnalysis["source"] = "postgres";
      const result = await answer(context, async (view) => {
        const experiment = found(await view.experiment(request.params.name), request.params);
        const analysed = await analyses.read(view, experiment);
        source = analysed.source;
        const newestMs = analysed.newest?.event.happenedAt ?? experiment.decidedAt;
        return {
          data: analysedJson(experiment, analysed),
          newestMs,
          simulated: analysed.simulated,
        };
      });
      reply.header("x-amc-source", source);
      return result;
    },
  });
  resultRoute(app, context);
}

function resultRoute(app: FastifyInstance, context: ApiContext): void {
  app.get<{ Params: Named; Querystring: { limit: number; cursor?: string } }>(
    "/experiments/:name/results",
    {
      config: { scope: "read" },
      schema: {
        summary: "Runs under an experiment, newest first",
        tags: ["experiments"],
        params: NAME,
        querystring: query({ limit: PARAMETERS.limit, cursor: PARAMETERS.cursor }),
        response: { 200: pageSchema(listOf(RESULT)) },
      },
      handler: async (request, reply) => {
        const { name } = request.params;
        const { limit, cursor } = request.query;
        const cursors = cursorsOf("experiment-results", { name });
        const after = cursors.decode(cursor);
        const result = await answer(context, async (view) => {
          found(await view.experiment(name), request.params);
          const rows = await view.experimentResults(name, {
            ...{ limit: limit + 1, after, asOfMs: null },
          });
          return pageOfEvents(rows, limit, cursors.encode, resultJson);
        });
        linkNext(reply, result.next);
        return result;
      },
    },
  );
}

function found(experiment: StoredExperiment | null, { name }: Named): StoredExperiment {
  if (experiment === null) throw new ApiError("not-found", `there is no experiment ${name}`);
  return experiment;
}

function experimentJson(experiment: StoredExperiment): JsonObject {
  const { name, status, createdAt, startAt, endAt, split, metrics, decidedAt } = experiment;
  return {
    name,
    status,
    createdAt: time(createdAt),
    startAt: time(startAt),
    endAt: time(endAt),
    split: split.map(({ strategy, weight }) => ({ strategy, weight })),
    metrics: [...metrics],
    decidedAt: time(decidedAt),
    actor: experiment.actor,
    reason: experiment.reason,
  };
}

function analysedJson(
  experiment: StoredExperiment,
  { analysis, isTruncated }: ExperimentAnalysis,
): JsonObject {
  return {
    experiment: experimentJson(experiment),
    arms: analysis.arms.map((arm) => ({ ...arm })),
    comparisons: analysis.comparisons.map((comparison: Comparison) => ({ ...comparison })),
    isTruncated,
    isFinal: experiment.status === "COMPLETED" && !isTruncated,
  };
}

function resultJson({ id, event, executionMs }: StoredExperimentResult): JsonObject {
  return { id, executionMs, ...eventJson("amc.experiments.ExperimentResult", event) };
}
