import type { FastifyInstance } from "fastify";
import { ApiError } from "../api-error.ts";
import type { ApiContext } from "../context.ts";
import { instant, pageOf, pageSchema, sendAnswer } from "../http/answer.ts";
import { cursorsOf, type PageKey } from "../http/cursor.ts";
import { PARAMETERS, type PageParameters, query } from "../http/query-schema.ts";
import { eventJson, type JsonObject } from "../json/event-json.ts";
import { described, eventSchema, listOf, object, TEXT } from "../json/json-schema.ts";
import type { SymbolMoment } from "../read-model/port.ts";

interface SymbolParameters extends PageParameters {
  readonly from?: string;
  readonly to?: string;
}

const ID = { id: described(TEXT, "Event id") };
const MOMENT = object({
  features: eventSchema("amc.signals.Features", ID),
  detections: listOf(eventSchema("amc.signals.Detection", ID), "What each detector made of them"),
});

/** `GET /symbols/{symbol}`: features with the detections made from them, newest first. */
export function symbolRoutes(app: FastifyInstance, context: ApiContext): void {
  app.get<{ Params: { symbol: string }; Querystring: SymbolParameters }>("/symbols/:symbol", {
    config: { scope: "read" },
    schema: {
      summary: "Features and detections of one symbol over time, newest first",
      tags: ["symbols"],
      params: { type: "object", required: ["symbol"], properties: { symbol: PARAMETERS.symbol } },
      querystring: query({
        limit: PARAMETERS.limit,
        cursor: PARAMETERS.cursor,
        from: PARAMETERS.from,
        to: PARAMETERS.to,
        asOf: PARAMETERS.asOf,
      }),
      response: { 200: pageSchema(listOf(MOMENT)) },
    },
    handler: async (request, reply) => {
      const { limit, cursor, ...filters } = request.query;
      const { symbol } = request.params;
      const cursors = cursorsOf(`symbols/${symbol}`, filters);
      const wanted = {
        limit: limit + 1,
        after: cursors.decode(cursor),
        symbol,
        fromMs: instant("from", filters.from),
        toMs: instant("to", filters.to),
        asOfMs: instant("asOf", filters.asOf),
      };
      return sendAnswer(context, request, reply, async (view) => {
        const moments = await view.symbolMoments(wanted, limit);
        const { rows, next } = pageOf(moments, limit, placeOf, cursors.encode);
        const isUnfiltered = Object.keys(filters).length === 0 && wanted.after === null;
        if (rows.length === 0 && isUnfiltered) {
          throw new ApiError("not-found", "nothing has been evaluated under this symbol");
        }
        return {
          data: rows.map(momentJson),
          newestMs: rows[0]?.features.event.happenedAt ?? null,
          simulated: rows.some(({ features }) => features.event.simulated),
          next,
        };
      });
    },
  });
}

function placeOf({ features: { id, event } }: SymbolMoment): PageKey {
  return { atMs: event.happenedAt, id };
}

function momentJson({ features, detections }: SymbolMoment): JsonObject {
  return {
    features: { id: features.id, ...eventJson("amc.signals.Features", features.event) },
    detections: detections.map(({ id, event }) => ({
      id,
      ...eventJson("amc.signals.Detection", event),
    })),
  };
}
