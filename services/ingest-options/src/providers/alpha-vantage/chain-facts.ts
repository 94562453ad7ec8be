import { type Collected, collectEach, RowRefusal } from "@amc/platform/http/collected";
import { type CapturedProvenance, envelope } from "@amc/streams/facts/envelope";
import { type Fact, factId } from "@amc/streams/kernel/fact";
import { nextTradingDay } from "@amc/streams/market/calendar";
import { daysBetween } from "@amc/streams/market/calendar-date";
import { expiresSoon, expirySummary } from "@amc/streams/market/option-chain";
import { sessionBounds } from "@amc/streams/market/sessions";
import type { OptionChain } from "./chain.ts";

/** What a chain is about. */
export interface ChainTerms {
  readonly symbol: string;
  /** Trading day `yyyy-mm-dd`. */
  readonly date: string;
  /** Close of the underlying that day, USD; null where nobody stated it. */
  readonly underlyingClose: number | null;
}

/**
 * The nearest expiry of a chain as one snapshot at the close, public when its open interest is, or why
 * there is none. Sums are null when a contract of the chain was refused. Volume ratio and volatility rank need a
 * history that no single chain has.
 */
export function chainFacts(
  chain: OptionChain,
  terms: ChainTerms,
  provenance: CapturedProvenance,
): Collected {
  const { contracts, refused } = chain;
  if (contracts.length === 0) return { facts: [], refused };
  const snapshot = collectEach(
    [chain],
    () => terms.symbol,
    () => [snapshotOf(chain, terms, provenance)],
  );
  return { facts: snapshot.facts, refused: [...refused, ...snapshot.refused] };
}

function snapshotOf(
  { contracts, refused }: OptionChain,
  { symbol, date, underlyingClose: spot }: ChainTerms,
  provenance: CapturedProvenance,
): Fact {
  const { captured } = provenance;
  const { closeMs, afterhoursCloseMs } = sessionBounds(date);
  if (afterhoursCloseMs > captured.at) {
    throw new RowRefusal("alpha-vantage.not-over", `the extended hours of ${date} have not ended`);
  }
  const expiry = contracts.find((one) => expiresSoon(daysBetween(date, one.expiry)))?.expiry;
  if (expiry === undefined) {
    throw new RowRefusal("alpha-vantage.no-near-expiry", "none expires within 1 to 60 days");
  }
  const near = contracts.filter((contract) => contract.expiry === expiry);
  const summary = expirySummary(near, spot, refused.length === 0);
  if (summary === null) {
    const where = spot === null ? "has a call and a put with quotes" : `is within 10 % of ${spot}`;
    throw new RowRefusal("alpha-vantage.no-at-the-money", `no strike of ${expiry} ${where}`);
  }
  return {
    topic: "market.options.v1",
    // The same chain beside a close that came to be known later is another statement.
    id: factId(provenance, symbol, `options/${expiry}`, closeMs, spot ?? "no-close"),
    value: {
      ...envelope(
        symbol,
        closeMs,
        publicationOf(contracts, date, captured.at),
        provenance,
        "options",
      ),
      ...{ underlyingPrice: spot, expiry, ...summary },
      ...{ volumeRatio: null, ivPercentile: null },
    },
  };
}

/**
 * When a chain is public. Its open interest is counted by the OCC overnight and reported by OPRA on the
 * next trading day, at about 06:30 ET (docs.thetadata.us, option_history_open_interest: "reported once per
 * day by OPRA at approximately 06:30 ET … at the end of the previous trading day"; others show it until
 * 09:00). Alpha Vantage does not say which morning its figure is of, so the open of the next regular
 * session is taken, unless it was here before. Without any the extended hours of the day are awaited.
 */
function publicationOf(
  contracts: OptionChain["contracts"],
  date: string,
  capturedAt: number,
): number {
  const isCounted = contracts.some(({ openInterest }) => openInterest !== null);
  if (!isCounted) return sessionBounds(date).afterhoursCloseMs;
  return Math.min(sessionBounds(nextTradingDay(date)).openMs, capturedAt);
}
