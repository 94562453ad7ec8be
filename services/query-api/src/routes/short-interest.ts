import type { ShortQuality } from "@amc/schemas/generated/events";
import type { FastifyInstance } from "fastify";
import type { ApiContext } from "../context.ts";
import { asksFinra, shortInterestStanding } from "../health/short-interest-standing.ts";
import { answerSchema, instant, pageSchema, sendAnswer } from "../http/answer.ts";
import { type ReadingPlace, versionOf } from "../http/cached-reading.ts";
import { cursorsOf } from "../http/cursor.ts";
import { pageOfEvents } from "../http/event-page.ts";
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
import type { ShortInterestCoverage, Stored, TablesState } from "../read-model/port.ts";

const QUALITY = "amc.short.ShortQuality";
const TAGS = ["short interest"];
/** Before the symbol, in the logical database of short interest. */
export const HISTORY_KEYS = "amc:short_interest:history";
/** Of what is kept there. To be counted up with every other shape or meaning: builds share a cache. */
const HISTORY_FORMAT = "history/1";

interface HistoryParameters extends PageParameters {
  readonly from?: string;
  readonly to?: string;
}

const COVERAGE = object({
  tracked: described(COUNT, "Symbols with a price, of today or of a session before"),
  reported: described(COUNT, "Of these, with a report of short interest"),
  usable: described(COUNT, "Of these, with one that may be scored now"),
  fresh: described(
    COUNT,
    "With one published at most SHORT_INTEREST_MAX_AGE_DAYS ago, 14 by default",
  ),
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
  scheduleRoute(app, context);
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
        const coverage = await view.shortInterestCoverage(context.config.shortInterestMaxAgeMs);
        const { atMs: newestMs, simulated } = coverage;
        return { data: coverageJson(coverage), newestMs, simulated };
      }),
  });
}

const PERIOD = object({
  settlementDate: described(TEXT, "yyyy-mm-dd in New York, as all dates here"),
  dueDate: described(TEXT, "Members report until 18:00 ET of this day"),
  publishedDate: described(
    TEXT,
    "FINRA publishes on this day; it counts as public from 18:00 ET on",
  ),
  status: described(
    TEXT,
    "pending, available from its publication on, processed once a figure came",
  ),
  notes: described(nullable(TEXT), "What was decided by hand"),
});
const SCHEDULE = object({
  collected: described(nullable(TEXT), "Newest settlement date of which a figure came"),
  next: described(nullable(PERIOD), "The next to be published"),
  late: described(
    listOf(PERIOD),
    "Not there FINRA_BUFFER_DAYS after their publication, where FINRA is asked",
  ),
  periods: described(listOf(PERIOD), "All of them, oldest first"),
});

function scheduleRoute(app: FastifyInstance, context: ApiContext): void {
  app.get("/short-interest/schedule", {
    config: { scope: "read" },
    schema: {
      summary: "When FINRA publishes short interest, what comes next and what is late",
      tags: TAGS,
      querystring: NO_QUERY,
      response: { 200: answerSchema(SCHEDULE) },
    },
    handler: (request, reply) =>
      sendAnswer(context, request, reply, async (view) => {
        const { nowMs, config } = context;
        const now = nowMs();
        const periods = await view.reportingSchedule();
        const standing = shortInterestStanding(periods, now, config.finraBufferMs);
        const { simulated, atMs } = await view.shortInterestCoverage(config.shortInterestMaxAgeMs);
        const { collected, next } = standing;
        const late = (await asksFinra(view, now)) ? standing.late : [];
        const data: JsonObject = {
          collected: collected?.settlementDate ?? null,
          next: next === null ? null : { ...next },
          late: late.map((period) => ({ ...period })),
          periods: periods.map((period) => ({ ...period })),
        };
        return { data, newestMs: atMs, simulated };
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
        const isFirstPage = limit === PARAMETERS.limit.default && cursor === undefined;
        const isCached = isFirstPage && Object.keys(filters).length === 0;
        return sendAnswer(
          context,
          request,
          reply,
          async (view) =>
            pageOfEvents(await view.shortInterest(wanted), limit, cursors.encode, judgementJson),
          (tables) => (isCached ? placeOf(context, symbol, tables) : null),
        );
      },
    },
  );
}

/** What is usually asked for of a symbol; it changes when a source reports, twice a month as a rule. */
function placeOf(
  { shortInterestCache: cache, config }: ApiContext,
  symbol: string,
  tables: TablesState,
): ReadingPlace | null {
  const version = versionOf(tables, "short.quality.v1", HISTORY_FORMAT);
  if (cache === null || version === null) return null;
  const ttlSeconds = config.shortInterestCacheSeconds;
  return { cache, key: `${HISTORY_KEYS}:${symbol}`, version, ttlSeconds };
}

function judgementJson({ id, event }: Stored<ShortQuality>): JsonObject {
  return { id, ...eventJson(QUALITY, event) };
}

function coverageJson(coverage: ShortInterestCoverage): JsonObject {
  const { tracked, reported, usable, fresh, thinlyTraded } = coverage;
  return { ...{ tracked, reported, usable, fresh, thinlyTraded }, ...coverageRatios(coverage) };
}
