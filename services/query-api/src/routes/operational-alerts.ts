import type { AlertRaised } from "@amc/schemas/generated/events";
import {
  OPERATIONAL_ALERT_KINDS,
  type OperationalAlertKind,
} from "@amc/streams/jobs/operational-alerts";
import type { FastifyInstance } from "fastify";
import type { ApiContext } from "../context.ts";
import { instant, pageOf, pageSchema, sendAnswer } from "../http/answer.ts";
import { cursorsOf } from "../http/cursor.ts";
import { PARAMETERS, type PageParameters, query } from "../http/query-schema.ts";
import { eventJson, type JsonObject } from "../json/event-json.ts";
import { described, eventSchema, listOf, TEXT } from "../json/json-schema.ts";
import type { Stored } from "../read-model/port.ts";

const ALERT = "amc.ops.AlertRaised";

interface AlertsParameters extends PageParameters {
  readonly kind?: OperationalAlertKind;
  readonly from?: string;
  readonly to?: string;
}

const ALERT_JSON = eventSchema(ALERT, { id: described(TEXT, "Id of the alert") });

/** `GET /operations/alerts`: what whoever operates the system has to look into. */
export function operationalAlertRoutes(app: FastifyInstance, context: ApiContext): void {
  app.get<{ Querystring: AlertsParameters }>("/operations/alerts", {
    config: { scope: "monitor" },
    schema: {
      summary: "What operators have to look into, newest first, each with what to do next",
      tags: ["operations"],
      querystring: query({
        limit: PARAMETERS.limit,
        cursor: PARAMETERS.cursor,
        kind: {
          ...{ type: "string", enum: [...OPERATIONAL_ALERT_KINDS] },
          description: "Only alerts of this kind",
        },
        from: { ...PARAMETERS.from, description: "Earliest instant they are about, inclusive" },
        to: { ...PARAMETERS.to, description: "Latest instant they are about, exclusive" },
      }),
      response: { 200: pageSchema(listOf(ALERT_JSON)) },
    },
    handler: async (request, reply) => {
      const { limit, cursor, ...filters } = request.query;
      const cursors = cursorsOf("operations/alerts", filters);
      const wanted = {
        ...{ limit: limit + 1, after: cursors.decode(cursor), asOfMs: null },
        kind: filters.kind ?? null,
        fromMs: instant("from", filters.from),
        toMs: instant("to", filters.to),
      };
      return sendAnswer(context, request, reply, async (view) => {
        const { rows, next } = pageOf(
          await view.operationalAlerts(wanted),
          limit,
          ({ id, event }) => ({ atMs: event.happenedAt, id }),
          cursors.encode,
        );
        return {
          data: rows.map(alertJson),
          newestMs: rows[0]?.event.happenedAt ?? null,
          simulated: rows.some(({ event }) => event.simulated),
          next,
        };
      });
    },
  });
}

function alertJson({ id, event }: Stored<AlertRaised>): JsonObject {
  return { id, ...eventJson(ALERT, event) };
}
