import type { Candidate } from "@amc/schemas/generated/events";
import type { FastifyInstance, FastifyReply } from "fastify";
import { LatestCandidates, type Served } from "../candidates/latest-candidates.ts";
import type { ApiContext } from "../context.ts";
import { NO_QUERY } from "../http/query-schema.ts";
import { time } from "../json/event-json.ts";
import {
  described,
  type JsonSchema,
  listOf,
  NUMBER,
  nullable,
  object,
  TEXT,
  TIME,
} from "../json/json-schema.ts";

const CONTENDER = object({
  symbol: TEXT,
  score: described(NUMBER, "Composite 0 to 1"),
  price: described(nullable(NUMBER), "USD"),
  thesis: nullable(TEXT),
  confidence: described(NUMBER, "0 to 1"),
  factors: {
    type: "object",
    additionalProperties: nullable(NUMBER),
    description: "Contribution to the score per detector; null when the detector was not ready",
  },
});

const SQUEEZE_CANDIDATE = object({
  symbol: TEXT,
  squeeze_score: described(NUMBER, "0 to 1"),
  volume_spike: described(nullable(NUMBER), "Multiple of the 30-session average"),
  short_interest: described(nullable(NUMBER), "Of float, fraction"),
  price: described(nullable(NUMBER), "USD"),
  pattern_type: nullable(TEXT),
  confidence: described(NUMBER, "0 to 1"),
  detected_at: TIME,
});

/** The two lists that kept their shape (R-API-20, R-API-21): bare arrays, freshness in headers. */
export function legacyRoutes(app: FastifyInstance, context: ApiContext): void {
  const candidates = new LatestCandidates(context);
  app.get("/discovery/contenders", {
    config: { scope: "read" },
    schema: bareList("Candidates of the newest run, best first", CONTENDER),
    handler: async (_request, reply) => {
      const served = freshnessInHeaders(reply, await candidates.read());
      return listed(served).map(contender);
    },
  });
  app.get("/discovery/squeeze-candidates", {
    config: { scope: "read" },
    schema: bareList("Candidates of the newest run by squeeze score", SQUEEZE_CANDIDATE),
    handler: async (_request, reply) => {
      const served = freshnessInHeaders(reply, await candidates.read());
      return listed(served)
        .flatMap(squeezeCandidate)
        .sort((a, b) => b.squeeze_score - a.squeeze_score || (a.symbol < b.symbol ? -1 : 1));
    },
  });
}

function contender(candidate: Candidate) {
  const factors = candidate.contributions.map(
    ({ detector, contribution }) => [detector, contribution] as const,
  );
  return {
    symbol: candidate.symbol,
    score: candidate.score,
    price: candidate.price,
    thesis: candidate.reasons.length === 0 ? null : candidate.reasons.join("; "),
    confidence: candidate.confidence,
    factors: Object.fromEntries(factors),
  };
}

/** Empty where the squeeze detector was not ready: an unknown score is no score of 0. */
function squeezeCandidate(candidate: Candidate) {
  if (candidate.squeezeScore === null) return [];
  return [
    {
      symbol: candidate.symbol,
      squeeze_score: candidate.squeezeScore,
      volume_spike: candidate.volumeSpike,
      short_interest: candidate.shortFraction,
      price: candidate.price,
      pattern_type: candidate.squeezeLabel,
      confidence: candidate.confidence,
      detected_at: time(candidate.happenedAt),
    },
  ];
}

function listed({ latest }: Served): readonly Candidate[] {
  return latest === null ? [] : latest.candidates.map(({ event }) => event);
}

function freshnessInHeaders(reply: FastifyReply, served: Served): Served {
  reply.header("x-amc-source", served.source).header("cache-control", "no-cache");
  if (served.latest === null) return served;
  const { run } = served.latest;
  reply
    .header("x-amc-as-of", time(run.event.happenedAt))
    .header("x-amc-published-at", time(run.event.publishedAt))
    .header("x-amc-run-id", run.event.runId)
    .header("x-amc-simulated", String(run.event.simulated));
  return served;
}

function bareList(summary: string, item: JsonSchema) {
  return { summary, tags: ["discovery"], querystring: NO_QUERY, response: { 200: listOf(item) } };
}
