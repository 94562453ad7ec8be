import type { FastifyInstance } from "fastify";
import type { ApiContext } from "../context.ts";
import { answerSchema, instant, pageOf, pageSchema, sendAnswer } from "../http/answer.ts";
import { cursorsOf } from "../http/cursor.ts";
import { NO_QUERY, PARAMETERS, type PageParameters, query } from "../http/query-schema.ts";
import { eventJson, type JsonObject } from "../json/event-json.ts";
import {
  COUNT,
  described,
  eventSchema,
  listOf,
  NUMBER,
  nullable,
  object,
  TEXT,
} from "../json/json-schema.ts";
import { coverageRatios } from "../json/short-interest-coverage.ts";
import type { ShortInterestCoverage } from "../read-model/port.ts";

const QUALITY = "amc.short.ShortQuality";
const TAGS = ["short interest"];

interface HistoryParameters extends PageParameters {
  readonly from?: string;
  readonly to?: string;
}

const COVERAGE = object({
  tracked: described(COUNT, "Symbols with a price, of today or of a session before"),
  reported: described(COUNT, "Of these, with a report of short interest"),
  usable: described(COUNT, "Of these, with one that may be scored now"),
  fresh: described(COUNT, "With one published at most 14 days ago"),
  thinlyTraded: described(
    COUNT,
    "With one that is left out because little of the symbol is traded",
  ),
  coverage: described(nullable(NUMBER), "usable / tracked; at least 0.95 is aimed at"),
  freshness: described(nullable(NUMBER), "fresh / reported; at least 0.9 is aimed at"),
});

/** Judged short interest: its history by symbol, and how much of the universe it covers. */
export function shortInterestRoutes(app: FastifyInstance, context: ApiContext): void {
  coverageRoute(app, context);
  historyRoute(app, context);
}

function coverageRoute(app: FastifyInstance, context: ApiContext): void {
  app.get("/short-interest", {
    config: { scope: "read" },
    schema: {
      summary: "How many tracked symbols have usable and fresh short interest",
      tags: TAGS,
      querystring: NO_QUERY,
      response: { 200: answerSchema(COVERAGE) },
    },
    handler: (request, reply) =>
      sendAnswer(context, request, reply, async (view) => {
        const coverage = await view.shortInterestCoverage();
        const { atMs: newestMs, simulated } = coverage;
        return { data: coverageJson(coverage), newestMs, simulated };
      }),
  });
}

const HISTORY =
  `Every judgement of every source's figure, newest first: \`leading\` marks the source that
stands for a settlement date, \`vintage\` counts its revisions. With \`asOf\` it is what was known then: a
figure is there from its publication on.`.replaceAll("\n", " ");

function historyRoute(app: FastifyInstance, context: ApiContext): void {
  app.get<{ Params: { symbol: string }; Querystring: HistoryParameters }>(
    "/short-interest/:symbol",
    {
      config: { scope: "read" },
      schema: {
        summary: "Short interest of one symbol over time with the quality of each figure",
        description: HISTORY,
        tags: TAGS,
        params: { type: "object", required: ["symbol"], properties: { symbol: PARAMETERS.symbol } },
        querystring: query({
          limit: PARAMETERS.limit,
          cursor: PARAMETERS.cursor,
          from: PARAMETERS.from,
          to: PARAMETERS.to,
          asOf: PARAMETERS.asOf,
        }),
        response: {
          200: pageSchema(listOf(eventSchema(QUALITY, { id: described(TEXT, "Event id") }))),
        },
      },
      handler: async (request, reply) => {
        const { limit, cursor, ...filters } = request.query;
        const { symbol } = request.params;
        const cursors = cursorsOf(`short-interest/${symbol}`, filters);
        const wanted = {
          limit: limit + 1,
          after: cursors.decode(cursor),
          symbol,
          fromMs: instant("from", filters.from),
          toMs: instant("to", filters.to),
          asOfMs: instant("asOf", filters.asOf),
        };
        return sendAnswer(context, request, reply, async (view) => {
          const { rows, next } = pageOf(
            await view.shortInterest(wanted),
            limit,
            ({ id, event }) => ({ atMs: event.happenedAt, id }),
            cursors.encode,
          );
          return {
            data: rows.map(({ id, event }): JsonObject => ({ id, ...eventJson(QUALITY, event) })),
            newestMs: rows[0]?.event.happenedAt ?? null,
            simulated: rows.some(({ event }) => event.simulated),
            next,
          };
        });
      },
    },
  );
}

function coverageJson(coverage: ShortInterestCoverage): JsonObject {
  const { tracked, reported, usable, fresh, thinlyTraded } = coverage;
  return { ...{ tracked, reported, usable, fresh, thinlyTraded }, ...coverageRatios(coverage) };
}
