import { envelope } from "@amc/streams/facts/envelope";
import { type Fact, factId } from "@amc/streams/kernel/fact";
import { isTradingDay } from "@amc/streams/market/calendar";
import { dateOfDayNumber } from "@amc/streams/market/calendar-date";
import { newYorkTimeOfDayMs } from "@amc/streams/market/event-time";
import { atTheMoneyStrike, type QuotedContract } from "@amc/streams/market/option-chain";
import { sessionBounds } from "@amc/streams/market/sessions";
import type { SourceItem } from "../facts/fact.ts";
import { RowError, rejectedBy } from "../facts/row-error.ts";
import type { SourceOf } from "../manifest.ts";
import { type Chain, type Contract, type OptionFile, readChain } from "./lean-option-chain.ts";
import type { SourceContext, SourceItems } from "./reader.ts";

/** Last traded price of the underlying at the end of each bar of the day, ascending. */
export type UnderlyingPrices = readonly { readonly atMs: number; readonly price: number }[];

/** The archives of one underlying and day. */
export interface OptionDay {
  readonly symbol: string;
  readonly dayNumber: number;
  readonly files: readonly OptionFile[];
}

/**
 * Snapshots of the nearest expiry at every `every` of the regular session. What the archives do not
 * say is null: gamma wall, volume ratio and volatility rank need a history they do not have. The
 * at-the-money strike is the one nearest to the underlying's price or, without that price, the one
 * at which call and put cost the same; without quotes too there is no snapshot.
 */
export async function* readOptionDay(
  source: SourceOf<"lean-option">,
  day: OptionDay,
  underlying: UnderlyingPrices,
  context: SourceContext,
): SourceItems {
  if (!context.wants(day.symbol)) return;
  const date = dateOfDayNumber(day.dayNumber);
  const label = day.files[0]?.label ?? day.symbol;
  if (!isTradingDay(date)) {
    const error = new RowError("time.not-a-trading-day", `the exchanges were closed on ${date}`);
    yield [rejectedBy(error, { path: label, row: 1 }, "market.options.v1", label)];
    return;
  }
  const chain = await readChain(day.files, day.dayNumber);
  yield chain.rejected;
  const items: SourceItem[] = [];
  const { openMs, closeMs } = sessionBounds(date);
  for (let at = openMs + source.every; at <= closeMs; at += source.every) {
    if (at < context.range.fromMs || at > context.range.toMs) continue;
    const fact = snapshot(chain, day, underlying, at, context);
    items.push(
      fact === null
        ? { type: "skipped", reason: "option.no-at-the-money", path: label, row: 1 }
        : { type: "fact", fact, row: 1 },
    );
  }
  yield items;
}

function snapshot(
  chain: Chain,
  day: OptionDay,
  underlying: UnderlyingPrices,
  at: number,
  context: SourceContext,
): Fact | null {
  const { symbol } = day;
  const atMs = newYorkTimeOfDayMs(at);
  const spot = lastUpTo(underlying, atMs)?.price ?? null;
  const strike = atTheMoneyStrike(quotesAt(chain, atMs), spot);
  if (chain.expiry === null || strike === null) return null;
  const quoteOf = (right: Contract["right"]): Contract["quotes"][number] | undefined => {
    const contract = chain.contracts.find((one) => one.right === right && one.strike === strike);
    return lastUpTo(contract?.quotes ?? [], atMs);
  };
  const call = quoteOf("call");
  const put = quoteOf("put");
  return {
    topic: "market.options.v1",
    id: factId(context.provenance, symbol, `options/${chain.expiry}`, at),
    value: {
      ...envelope(symbol, at, at, context.provenance, "options"),
      underlyingPrice: spot,
      expiry: chain.expiry,
      strike,
      callBid: call?.bid ?? null,
      callAsk: call?.ask ?? null,
      putBid: put?.bid ?? null,
      putAsk: put?.ask ?? null,
      callVolume: chain.hasTrades ? tradedUpTo(chain, "call", atMs) : null,
      putVolume: chain.hasTrades ? tradedUpTo(chain, "put", atMs) : null,
      callOpenInterest: openInterestUpTo(chain, "call", atMs),
      putOpenInterest: openInterestUpTo(chain, "put", atMs),
      gammaWallStrike: null,
      volumeRatio: null,
      ivPercentile: null,
    },
  };
}

/** Both sides of every contract at the time, in the order of their strikes. */
function quotesAt({ contracts }: Chain, atMs: number): readonly QuotedContract[] {
  return contracts.map(({ right, strike, quotes }) => {
    const { bid = null, ask = null } = lastUpTo(quotes, atMs) ?? {};
    return { right, strike, bid, ask };
  });
}

function tradedUpTo(chain: Chain, right: Contract["right"], atMs: number): number {
  let contracts = 0;
  for (const contract of chain.contracts) {
    if (contract.right !== right) continue;
    for (const trade of contract.trades) if (trade.atMs <= atMs) contracts += trade.contracts;
  }
  return contracts;
}

/** null until the first figure of the day is out. */
function openInterestUpTo(chain: Chain, right: Contract["right"], atMs: number): number | null {
  if (!chain.hasOpenInterest) return null;
  let contracts: number | null = null;
  for (const contract of chain.contracts) {
    if (contract.right !== right) continue;
    const last = lastUpTo(contract.openInterest, atMs);
    if (last !== undefined) contracts = (contracts ?? 0) + last.contracts;
  }
  return contracts;
}

function lastUpTo<Timed extends { readonly atMs: number }>(
  timed: readonly Timed[],
  atMs: number,
): Timed | undefined {
  return timed.findLast((one) => one.atMs <= atMs);
}
