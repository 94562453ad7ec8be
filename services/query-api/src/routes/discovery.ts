import type { FastifyInstance } from "fastify";
import type { ApiContext } from "../context.ts";
import { instant, pageSchema, sendAnswer } from "../http/answer.ts";
import { cursorsOf } from "../http/cursor.ts";
import { pageOfEvents } from "../http/event-page.ts";
import { PARAMETERS, type PageParameters, query } from "../http/query-schema.ts";
import { eventJson, type JsonObject } from "../json/event-json.ts";
import { COUNT, described, eventSchema, listOf, nullable, TEXT } from "../json/json-schema.ts";
import type { StoredRun } from "../read-model/port.ts";

const RUN = eventSchema("amc.discovery.Run", {
  id: described(TEXT, "Event id"),
  executionMs: described(nullable(COUNT), "Time the stages spent on the run, ms"),
});

/** `GET /discovery/runs`: ranked runs with funnel and eliminations, newest first. */
export function runRoutes(app: FastifyInstance, context: ApiContext): void {
  app.get<{ Querystring: PageParameters }>("/discovery/runs", {
    config: { scope: "read" },
    schema: {
      summary: "Discovery runs, newest first",
      tags: ["discovery"],
      querystring: query({
        limit: PARAMETERS.limit,
        cursor: PARAMETERS.cursor,
        asOf: PARAMETERS.asOf,
      }),
      response: { 200: pageSchema(listOf(RUN)) },
    },
    handler: async (request, reply) => {
      const { limit, cursor, asOf } = request.query;
      const cursors = cursorsOf("runs", { asOf });
      const after = cursors.decode(cursor);
      const asOfMs = instant("asOf", asOf);
      return sendAnswer(context, request, reply, async (view) => {
        const rows = await view.runs({ limit: limit + 1, after, asOfMs });
        return pageOfEvents(rows, limit, cursors.encode, runJson);
      });
    },
  });
}

function runJson({ id, event, executionMs }: StoredRun): JsonObject {
  return { id, executionMs, ...eventJson("amc.discovery.Run", event) };
}
