import type { HourMetric } from "@amc/schemas/generated/events";
import { HOUR_METRICS, type HourMetricName } from "@amc/streams/jobs/hour-metrics";
import type { FastifyInstance } from "fastify";
import type { ApiContext } from "../context.ts";
import { instant, pageOf, pageSchema, sendAnswer } from "../http/answer.ts";
import { cursorsOf } from "../http/cursor.ts";
import { PARAMETERS, type PageParameters, query } from "../http/query-schema.ts";
import { eventJson, type JsonObject } from "../json/event-json.ts";
import { described, eventSchema, listOf, TEXT } from "../json/json-schema.ts";
import type { Stored } from "../read-model/port.ts";

const METRIC = "amc.ops.HourMetric";

interface HoursParameters extends PageParameters {
  readonly metric?: HourMetricName;
  readonly from?: string;
  readonly to?: string;
}

const METRIC_JSON = eventSchema(METRIC, { id: described(TEXT, "Id of the figure") });

/** `GET /operations/hours`: what was measured of the hours of sessions (R-JOB-15). */
export function hourMetricRoutes(app: FastifyInstance, context: ApiContext): void {
  app.get<{ Querystring: HoursParameters }>("/operations/hours", {
    config: { scope: "monitor" },
    schema: {
      summary: "Figures of the hours of sessions, newest first, each with what such hours have",
      tags: ["operations"],
      querystring: query({
        limit: PARAMETERS.limit,
        cursor: PARAMETERS.cursor,
        metric: {
          ...{ type: "string", enum: [...HOUR_METRICS] },
          description: "Only this figure",
        },
        from: { ...PARAMETERS.from, description: "Earliest end of an hour, inclusive" },
        to: { ...PARAMETERS.to, description: "Latest end of an hour, exclusive" },
      }),
      response: { 200: pageSchema(listOf(METRIC_JSON)) },
    },
    handler: async (request, reply) => {
      const { limit, cursor, ...filters } = request.query;
      const cursors = cursorsOf("operations/hours", filters);
      const wanted = {
        ...{ limit: limit + 1, after: cursors.decode(cursor), asOfMs: null },
        metric: filters.metric ?? null,
        fromMs: instant("from", filters.from),
        toMs: instant("to", filters.to),
      };
      return sendAnswer(context, request, reply, async (view) => {
        const { rows, next } = pageOf(
          await view.hourMetrics(wanted),
          limit,
          ({ id, event }) => ({ atMs: event.happenedAt, id }),
          cursors.encode,
        );
        return {
          data: rows.map(metricJson),
          newestMs: rows[0]?.event.happenedAt ?? null,
          simulated: rows.some(({ event }) => event.simulated),
          next,
        };
      });
    },
  });
}

function metricJson({ id, event }: Stored<HourMetric>): JsonObject {
  return { id, ...eventJson(METRIC, event) };
}
