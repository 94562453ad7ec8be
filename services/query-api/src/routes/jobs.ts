import type { JobRun } from "@amc/schemas/generated/events";
import { JOB_SPAN_MS, successRatio } from "@amc/streams/jobs/job-success";
import { JOB_NAMES } from "@amc/streams/jobs/job-table";
import type { FastifyInstance } from "fastify";
import type { ApiContext } from "../context.ts";
import { answerSchema, instant, pageOf, pageSchema, sendAnswer } from "../http/answer.ts";
import { cursorsOf } from "../http/cursor.ts";
import { NO_QUERY, PARAMETERS, type PageParameters, query } from "../http/query-schema.ts";
import { eventJson, type JsonObject, timeOrNull } from "../json/event-json.ts";
import {
  COUNT,
  described,
  eventSchema,
  listOf,
  NUMBER,
  nullable,
  object,
  TEXT,
  TIME,
} from "../json/json-schema.ts";
import type { JobStanding } from "../read-model/port.ts";

const RUN = "amc.ops.JobRun";
const TAGS = ["jobs"];
const STATES = ["started", "succeeded", "failed", "skipped"] as const;
type State = (typeof STATES)[number];

interface RunsParameters extends PageParameters {
  readonly job?: string;
  readonly state?: State;
  readonly from?: string;
  readonly to?: string;
}

const RUN_JSON = eventSchema(RUN, {
  id: described(TEXT, "Id of the run, the same for all its steps"),
  durationMs: described(
    nullable(COUNT),
    "Ms from the beginning of the newest attempt to its end; null where it has none",
  ),
});

const STANDING = object({
  job: TEXT,
  succeeded: described(COUNT, "Runs of the last 30 days that succeeded"),
  failed: described(COUNT, "That were given up after their last attempt"),
  skipped: described(COUNT, "That were not done, for a reason that their run says"),
  success: described(nullable(NUMBER), "succeeded / (succeeded + failed); null of none"),
  lastSuccess: described(nullable(TIME), "Instant of the newest run that succeeded"),
  newest: RUN_JSON,
});
const STANDINGS = object({
  success: described(nullable(NUMBER), "Of all jobs together; at least 0.98 is aimed at"),
  jobs: listOf(STANDING),
});

/** What scheduled jobs have done: how each stands, and its history run by run. */
export function jobRoutes(app: FastifyInstance, context: ApiContext): void {
  standingsRoute(app, context);
  runsRoute(app, context);
}

function standingsRoute(app: FastifyInstance, context: ApiContext): void {
  app.get("/jobs", {
    config: { scope: "monitor" },
    schema: {
      summary: "How scheduled jobs stand: the newest run of each and how many of 30 days succeeded",
      tags: TAGS,
      querystring: NO_QUERY,
      response: { 200: answerSchema(STANDINGS) },
    },
    handler: (request, reply) =>
      sendAnswer(context, request, reply, async (view) => {
        const standings = await view.jobStandings(context.nowMs() - JOB_SPAN_MS);
        const newest = standings.map((standing) => standing.newest.happenedAt);
        return {
          data: { success: successRatio(standings), jobs: standings.map(standingJson) },
          newestMs: newest.length === 0 ? null : Math.max(...newest),
          simulated: false,
        };
      }),
  });
}

function runsRoute(app: FastifyInstance, context: ApiContext): void {
  app.get<{ Querystring: RunsParameters }>("/jobs/runs", {
    config: { scope: "monitor" },
    schema: {
      summary: "Runs of scheduled jobs, newest instant first, each as it stands now",
      tags: TAGS,
      querystring: query({
        limit: PARAMETERS.limit,
        cursor: PARAMETERS.cursor,
        job: { type: "string", enum: [...JOB_NAMES], description: "Only runs of this job" },
        state: { type: "string", enum: [...STATES], description: "Only runs that stand so" },
        from: { ...PARAMETERS.from, description: "Earliest instant of a schedule, inclusive" },
        to: { ...PARAMETERS.to, description: "Latest instant of a schedule, exclusive" },
      }),
      response: { 200: pageSchema(listOf(RUN_JSON)) },
    },
    handler: async (request, reply) => {
      const { limit, cursor, ...filters } = request.query;
      const cursors = cursorsOf("jobs/runs", filters);
      const wanted = {
        limit: limit + 1,
        after: cursors.decode(cursor),
        asOfMs: null,
        job: filters.job ?? null,
        state: stateOf(filters.state),
        fromMs: instant("from", filters.from),
        toMs: instant("to", filters.to),
      };
      return sendAnswer(context, request, reply, async (view) => {
        const { rows, next } = pageOf(
          await view.jobRuns(wanted),
          limit,
          ({ id, event }) => ({ atMs: event.dueAt, id }),
          cursors.encode,
        );
        const newest = rows.map(({ event }) => event.happenedAt);
        return {
          data: rows.map(({ id, event }) => runJson(id, event)),
          newestMs: newest.length === 0 ? null : Math.max(...newest),
          simulated: false,
          next,
        };
      });
    },
  });
}

function stateOf(state: State | undefined): JobRun["state"] | null {
  switch (state) {
    case "started":
      return "STARTED";
    case "succeeded":
      return "SUCCEEDED";
    case "failed":
      return "FAILED";
    case "skipped":
      return "SKIPPED";
    case undefined:
      return null;
  }
}

function standingJson(standing: JobStanding): JsonObject {
  const { job, succeeded, failed, skipped, lastSuccessDueAt, newestId, newest } = standing;
  return {
    ...{ job, succeeded, failed, skipped, success: successRatio([standing]) },
    ...{ lastSuccess: timeOrNull(lastSuccessDueAt), newest: runJson(newestId, newest) },
  };
}

function runJson(id: string, event: JobRun): JsonObject {
  const { startedAt, happenedAt, state } = event;
  const isOver = startedAt !== null && state !== "STARTED";
  const durationMs = isOver ? Math.max(0, happenedAt - startedAt) : null;
  return { id, durationMs, ...eventJson(RUN, event) };
}
