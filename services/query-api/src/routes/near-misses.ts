import type { FastifyInstance } from "fastify";
import type { ApiContext } from "../context.ts";
import { gateJson } from "../explanation/explanation.ts";
import { GATE } from "../explanation/explanation-schema.ts";
import { instant, pageSchema, sendAnswer } from "../http/answer.ts";
import { cursorsOf } from "../http/cursor.ts";
import { pageOfEvents } from "../http/event-page.ts";
import { PARAMETERS, type PageParameters, query } from "../http/query-schema.ts";
import { type JsonObject, time, timeOrNull } from "../json/event-json.ts";
import {
  COUNT,
  described,
  FLAG,
  listOf,
  NUMBER,
  nullable,
  object,
  TEXT,
  TIME,
} from "../json/json-schema.ts";
import type { NearMiss } from "../read-model/port.ts";

interface NearMissParameters extends PageParameters {
  readonly symbol?: string;
  readonly gate?: string;
  readonly maxFailedGates: number;
}

const NEAR_MISS = object({
  id: described(TEXT, "Id of the verdict"),
  symbol: TEXT,
  happenedAt: TIME,
  slot: nullable(TIME),
  session: TEXT,
  strategy: TEXT,
  profile: TEXT,
  price: nullable(NUMBER),
  rawScore: described(nullable(NUMBER), "Composite before the gates"),
  confidence: NUMBER,
  evaluable: described(FLAG, "True when the price and volume gates had their inputs"),
  firstFailure: described(nullable(TEXT), "First failing gate in gate order"),
  failedGates: described(COUNT, "Hard gates that failed"),
  failures: described(listOf(GATE), "The hard gates that failed, with their margins"),
  simulated: FLAG,
});

/** `GET /near-misses`: evaluations that few hard gates rejected, with the margins they missed by. */
export function nearMissRoutes(app: FastifyInstance, context: ApiContext): void {
  app.get<{ Querystring: NearMissParameters }>("/near-misses", {
    config: { scope: "read" },
    schema: {
      summary: "What nearly passed, and by how much it failed; newest first",
      tags: ["discovery"],
      querystring: query({
        limit: PARAMETERS.limit,
        cursor: PARAMETERS.cursor,
        symbol: PARAMETERS.symbol,
        gate: {
          type: "string",
          pattern: "^[a-z0-9_]{1,40}$",
          description: "First gate that failed",
        },
        maxFailedGates: {
          type: "integer",
          minimum: 1,
          maximum: 12,
          default: 2,
          description: "Hard gates that may have failed",
        },
        asOf: PARAMETERS.asOf,
      }),
      response: { 200: pageSchema(listOf(NEAR_MISS)) },
    },
    handler: async (request, reply) => {
      const { limit, cursor, ...filters } = request.query;
      const cursors = cursorsOf("near-misses", filters);
      const wanted = {
        limit: limit + 1,
        after: cursors.decode(cursor),
        symbol: filters.symbol ?? null,
        gate: filters.gate ?? null,
        maxFailedGates: filters.maxFailedGates,
        asOfMs: instant("asOf", filters.asOf),
      };
      return sendAnswer(context, request, reply, async (view) =>
        pageOfEvents(await view.nearMisses(wanted), limit, cursors.encode, nearMissJson),
      );
    },
  });
}

function nearMissJson({ id, event, failedGates }: NearMiss): JsonObject {
  const failures = event.gates.filter((gate) => gate.hard && gate.outcome === "FAILED");
  return {
    id,
    symbol: event.symbol,
    happenedAt: time(event.happenedAt),
    slot: timeOrNull(event.slot),
    session: event.session.toLowerCase(),
    strategy: event.strategy,
    profile: event.profile,
    price: event.price,
    rawScore: event.rawScore,
    confidence: event.confidence,
    evaluable: event.evaluable,
    firstFailure: event.firstFailure,
    failedGates,
    failures: failures.map(gateJson),
    simulated: event.simulated,
  };
}
