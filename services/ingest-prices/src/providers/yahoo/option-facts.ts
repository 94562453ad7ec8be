import { type Collected, collectEach, RowRefusal } from "@amc/platform/http/collected";
import { type CapturedProvenance, envelope } from "@amc/streams/facts/envelope";
import { type Fact, factId } from "@amc/streams/kernel/fact";
import { gamma, impliedVolatility } from "@amc/streams/market/black-scholes";
import { tradingDayAtOrBefore } from "@amc/streams/market/calendar";
import { addDays, DAY_MS, daysBetween, MINUTE_MS } from "@amc/streams/market/calendar-date";
import { MarketTimeError } from "@amc/streams/market/errors";
import { newYorkDateOf, newYorkToUtc } from "@amc/streams/market/event-time";
import { expiresSoon, expirySummary, type ListedContract } from "@amc/streams/market/option-chain";
import { optionTerms } from "@amc/streams/market/options";
import { sessionBounds } from "@amc/streams/market/sessions";
import type { YahooChain } from "./option-chain.ts";

/** A price from longer before is not the one beside which options are quoted (domain-facts §6). */
const SPOT_AGE_MS_MAX = 15 * MINUTE_MS;

/** The expiry that a snapshot is about, the nearest 1 to 60 days ahead; null without one. */
export function nearestExpiry({ expiries, spotAtMs }: YahooChain): string | null {
  const date = newYorkDateOf(spotAtMs);
  return expiries.find((expiry) => expiresSoon(daysBetween(date, expiry))) ?? null;
}

/**
 * One snapshot of the nearest expiry, of the last price of the share or, once the session is over, of
 * its close, or why there is none. It is public since it is here: Yahoo does not say since when.
 * Volume ratio and volatility rank need a history that no single chain has.
 */
export function optionFacts(chain: YahooChain, provenance: CapturedProvenance): Collected {
  const { facts, refused } = collectEach(
    [chain],
    () => chain.symbol,
    () => [snapshotOf(chain, provenance)],
  );
  return { facts, refused: [...chain.refused, ...refused] };
}

function snapshotOf(chain: YahooChain, provenance: CapturedProvenance): Fact {
  const { symbol, spot, refused } = chain;
  const { at } = provenance.captured;
  const expiry = nearestExpiry(chain);
  if (expiry === null || expiry !== chain.expiry) {
    throw new RowRefusal("yahoo.no-near-expiry", "none expires within 1 to 60 days");
  }
  if (spot === null) throw new RowRefusal("yahoo.no-price", "no price of the share is stated");
  const happenedAt = snapshotAt(chain.spotAtMs, at);
  const contracts = chain.contracts.map((one) => withGamma(one, spot, happenedAt));
  const summary = expirySummary(contracts, spot, refused.length === 0);
  if (summary === null) {
    throw new RowRefusal(
      "yahoo.no-at-the-money",
      `no strike of ${expiry} is within 10 % of ${spot}`,
    );
  }
  const { strike, callBid, callAsk, putBid, putAsk } = summary;
  if ([callBid, callAsk, putBid, putAsk].every((price) => price === null)) {
    // A later snapshot stands for the day: one without prices must not replace one that had them.
    const message = `neither side of ${strike} is quoted, as overnight; ask after 09:45 ET`;
    throw new RowRefusal("yahoo.no-quotes", message);
  }
  const figures = { underlyingPrice: spot, expiry, ...summary };
  return {
    topic: "market.options.v1",
    // Asked again after the close, other figures are another statement about the same instant.
    id: factId(provenance, symbol, "options", happenedAt, JSON.stringify(figures)),
    value: {
      ...envelope(symbol, happenedAt, at, provenance, "options"),
      ...{ ...figures, volumeRatio: null, ivPercentile: null },
    },
  };
}

/**
 * When the share had the price that its options are quoted beside, at the latest the close. Throws
 * RowRefusal where it has not traded for as long as its options have been quoted since.
 */
function snapshotAt(spotAtMs: number, capturedAt: number): number {
  if (spotAtMs > capturedAt) throw new RowRefusal("yahoo.future", "a price of after its capture");
  const { openMs, closeMs } = boundsOf(newYorkDateOf(spotAtMs));
  if (spotAtMs < openMs) throw new RowRefusal("yahoo.date", "a regular price of before the open");
  const quotedAt = Math.min(capturedAt, lastQuoteAt(capturedAt));
  const happenedAt = Math.min(spotAtMs, closeMs);
  if (quotedAt - happenedAt > SPOT_AGE_MS_MAX) {
    throw new RowRefusal("yahoo.old-price", "the share last traded long before its options");
  }
  return happenedAt;
}

/** Options have quotes in regular sessions: until now, or until the close of the last one that has begun. */
function lastQuoteAt(atMs: number): number {
  const today = tradingDayAtOrBefore(newYorkDateOf(atMs));
  const bounds = boundsOf(today);
  if (bounds.openMs <= atMs) return bounds.closeMs;
  return boundsOf(tradingDayAtOrBefore(addDays(today, -1))).closeMs;
}

function boundsOf(date: string): ReturnType<typeof sessionBounds> {
  try {
    return sessionBounds(date);
  } catch (error) {
    if (!(error instanceof MarketTimeError)) throw error;
    throw new RowRefusal("yahoo.date", error.message);
  }
}

/** As the mid of a call implies it; without a usable quote it has none, and no part in the wall. */
function withGamma(one: ListedContract, spot: number, atMs: number): ListedContract {
  const { right, bid, ask, strike, expiry } = one;
  if (right === "put" || bid === null || ask === null || ask < bid) return one;
  const days = (newYorkToUtc(expiry, "16:00") - atMs) / DAY_MS;
  const terms = optionTerms(spot, strike, days);
  const volatility = impliedVolatility((bid + ask) / 2, terms);
  return volatility === null ? one : { ...one, gamma: gamma(terms, volatility) };
}
