import { valueHolding } from "@amc/streams/portfolio/valuation";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { ApiContext } from "../context.ts";
import { query } from "../http/query-schema.ts";
import { time } from "../json/event-json.ts";
import { described, listOf, NUMBER, nullable, object, TEXT } from "../json/json-schema.ts";
import type { Holding } from "../read-model/port.ts";

const HOLDING = object({
  symbol: TEXT,
  qty: described(NUMBER, "Shares; negative for a short position"),
  side: { type: "string", enum: ["long", "short"] },
  market_value: described(
    nullable(NUMBER),
    "USD at last_price; negative for a short position. Null without a price",
  ),
  unrealized_pl: described(
    nullable(NUMBER),
    "USD; a short position gains as the price falls. Null without a price or an entry price",
  ),
  unrealized_pl_pct: described(nullable(NUMBER), "Percent of what was paid or received"),
  avg_entry_price: described(nullable(NUMBER), "USD; null when the statement does not say"),
  last_price: described(nullable(NUMBER), "USD, newest observation; null when there was none"),
});

const QUERY = query({
  account: {
    type: "string",
    pattern: "^[A-Za-z0-9._-]{1,64}$",
    description: "Only this account; all of them by default",
  },
});

const DESCRIPTION = `One row per account and symbol. \`x-amc-as-of\` is the newest statement in the
answer, \`x-amc-price-as-of\` its oldest price, \`x-amc-missing\` says why values are null, such as
\`GME=no-price\` or \`AMC=no-entry-price\`, of at most 50 symbols.`.replaceAll("\n", " ");

/** Symbols named in a header: proxies take some 4 to 8 KB of them. */
const MISSING_NAMED_MAX = 50;

/** The third list that kept its shape (R-API-22): a bare array, freshness in headers. */
export function holdingsRoute(app: FastifyInstance, context: ApiContext): void {
  app.get<{ Querystring: { account?: string } }>("/portfolio/holdings", {
    config: { scope: "read" },
    schema: {
      summary: "Open positions at their last price",
      description: DESCRIPTION,
      tags: ["portfolio"],
      querystring: QUERY,
      response: { 200: listOf(HOLDING) },
    },
    handler: async ({ query: { account = null } }, reply) => {
      const holdings = await context.readModel.read((view) => view.holdings(account));
      freshnessInHeaders(reply, holdings);
      return holdings.map(holdingJson);
    },
  });
}

function holdingJson(held: Holding) {
  const last = held.price?.last ?? null;
  const valued = valueHolding(held, last);
  return {
    symbol: held.symbol,
    qty: held.quantity,
    side: valued.side,
    market_value: valued.marketValue,
    unrealized_pl: valued.unrealizedPl,
    unrealized_pl_pct: valued.unrealizedPlPct,
    avg_entry_price: held.averageEntryPrice,
    last_price: last,
  };
}

function freshnessInHeaders(reply: FastifyReply, holdings: readonly Holding[]): void {
  reply.header("x-amc-source", "postgres").header("cache-control", "no-cache");
  if (holdings.length === 0) return;
  const prices = holdings.flatMap(({ price }) => price ?? []);
  const newest = holdings.reduce((latest, { asOfMs }) => Math.max(latest, asOfMs), 0);
  reply
    .header("x-amc-as-of", time(newest))
    .header("x-amc-simulated", String([...holdings, ...prices].some((each) => each.simulated)));
  if (prices.length > 0) {
    const oldest = prices.reduce(
      (earliest, { atMs }) => Math.min(earliest, atMs),
      Number.POSITIVE_INFINITY,
    );
    reply.header("x-amc-price-as-of", time(oldest));
  }
  const missing = missingOf(holdings);
  if (missing.length > 0) reply.header("x-amc-missing", missing.join(", "));
}

/** Why values are null, by symbol; without a price nothing else is asked of it. */
function missingOf(holdings: readonly Holding[]): readonly string[] {
  const reasons = holdings.flatMap(({ symbol, price, averageEntryPrice }) => {
    if (price === null) return [`${symbol}=no-price`];
    return averageEntryPrice === null ? [`${symbol}=no-entry-price`] : [];
  });
  return [...new Set(reasons)].slice(0, MISSING_NAMED_MAX);
}
