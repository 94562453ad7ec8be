import type { Recommendation } from "@amc/schemas/generated/events";
import type { FastifyInstance } from "fastify";
import { ApiError } from "../api-error.ts";
import type { ApiContext } from "../context.ts";
import { explain, readChain } from "../explanation/explanation.ts";
import { EXPLANATION } from "../explanation/explanation-schema.ts";
import { answer, answerSchema, instant, pageSchema, sendAnswer } from "../http/answer.ts";
import { cursorsOf } from "../http/cursor.ts";
import { pageOfEvents } from "../http/event-page.ts";
import {
  ID_PARAMETERS,
  NO_QUERY,
  PARAMETERS,
  type PageParameters,
  query,
} from "../http/query-schema.ts";
import { eventJson, type JsonObject } from "../json/event-json.ts";
import { described, eventSchema, listOf, TEXT } from "../json/json-schema.ts";
import type { ReadView, Stored } from "../read-model/port.ts";

interface ListParameters extends PageParameters {
  readonly symbol?: string;
  readonly label?: "watchlist" | "trade_ready";
  readonly from?: string;
  readonly to?: string;
}

const RECOMMENDATION = eventSchema("amc.discovery.Recommendation", {
  id: described(TEXT, "Event id"),
});

const LIST_QUERY = query({
  limit: PARAMETERS.limit,
  cursor: PARAMETERS.cursor,
  symbol: PARAMETERS.symbol,
  label: { type: "string", enum: ["watchlist", "trade_ready"], description: "Only this label" },
  from: PARAMETERS.from,
  to: PARAMETERS.to,
  asOf: PARAMETERS.asOf,
});

/** `GET /recommendations`, `/recommendations/{id}` and `/recommendations/{id}/explanation`. */
export function recommendationRoutes(app: FastifyInstance, context: ApiContext): void {
  listRoute(app, context);
  app.get<{ Params: { id: string } }>("/recommendations/:id", {
    config: { scope: "read" },
    schema: {
      summary: "One recommendation",
      tags: ["recommendations"],
      params: ID_PARAMETERS,
      querystring: NO_QUERY,
      response: { 200: answerSchema(RECOMMENDATION) },
    },
    handler: (request, reply) =>
      sendAnswer(context, request, reply, async (view) => {
        const found = await findRecommendation(view, request.params.id);
        return { data: recommendationJson(found), ...freshnessOf(found.event) };
      }),
  });
  app.get<{ Params: { id: string } }>("/recommendations/:id/explanation", {
    config: { scope: "read" },
    schema: {
      summary: "Why it was recommended, down to the facts and where they lie in the log",
      tags: ["recommendations"],
      params: ID_PARAMETERS,
      querystring: NO_QUERY,
      response: { 200: answerSchema(EXPLANATION) },
    },
    handler: (request) =>
      answer(context, async (view) => {
        const found = await findRecommendation(view, request.params.id);
        const chain = await readChain(view, found);
        return { data: () => explain(chain, context.facts), ...freshnessOf(found.event) };
      }),
  });
}

function listRoute(app: FastifyInstance, context: ApiContext): void {
  app.get<{ Querystring: ListParameters }>("/recommendations", {
    config: { scope: "read" },
    schema: {
      summary: "Recommendations, newest first",
      tags: ["recommendations"],
      querystring: LIST_QUERY,
      response: { 200: pageSchema(listOf(RECOMMENDATION)) },
    },
    handler: async (request, reply) => {
      const { limit, cursor, ...filters } = request.query;
      const cursors = cursorsOf("recommendations", filters);
      const wanted = {
        limit: limit + 1,
        after: cursors.decode(cursor),
        symbol: filters.symbol ?? null,
        label: filters.label ?? null,
        fromMs: instant("from", filters.from),
        toMs: instant("to", filters.to),
        asOfMs: instant("asOf", filters.asOf),
      };
      return sendAnswer(context, request, reply, async (view) =>
        pageOfEvents(await view.recommendations(wanted), limit, cursors.encode, recommendationJson),
      );
    },
  });
}

async function findRecommendation(view: ReadView, id: string): Promise<Stored<Recommendation>> {
  const found = await view.recommendation(id);
  if (found === null) throw new ApiError("not-found", "no recommendation has this id");
  return found;
}

function recommendationJson({ id, event }: Stored<Recommendation>): JsonObject {
  return { id, ...eventJson("amc.discovery.Recommendation", event) };
}

function freshnessOf({ happenedAt, simulated }: Recommendation) {
  return { newestMs: happenedAt, simulated };
}
