import { tradingDayAtOrBefore } from "@amc/streams/market/calendar";
import { addDays } from "@amc/streams/market/calendar-date";
import { newYorkDateOf } from "@amc/streams/market/event-time";
import { sessionBounds } from "@amc/streams/market/sessions";
import { contractName, type MockContract, mockContracts } from "../market/mock-contracts.ts";
import type { MockMarket } from "../market/mock-market.ts";

/** Yahoo's last price of a session is stamped with the closing auction, so long after the close. */
const AUCTION_MS = 2_000;

/** Options of one expiry, the nearest unless `date` names another, UTC seconds of its midnight. */
export function optionsAnswer(
  market: MockMarket,
  symbol: string,
  date: string | null,
  nowMs: number,
): object {
  const day = sessionAt(nowMs);
  const { closeMs } = sessionBounds(day);
  const spot = market.dayUntil(symbol, day, nowMs).close;
  const pricedMs = Math.min(nowMs, closeMs + AUCTION_MS);
  const contracts = mockContracts(symbol, day, spot);
  const expiries = [...new Set(contracts.map(({ expiry }) => secondsOf(expiry)))];
  const expirationDate = date === null ? expiries[0] : Number(date);
  const expiring = contracts.filter(({ expiry }) => secondsOf(expiry) === expirationDate);
  // As recorded at 04:24 ET: until the next session nothing of the one before is stated but trades.
  const isQuoted = newYorkDateOf(nowMs) === day;
  const side = (right: MockContract["right"]) =>
    expiring
      .filter((contract) => contract.right === right)
      .map((contract) => rowOf(symbol, contract, Math.min(nowMs, closeMs), isQuoted));
  const result = {
    underlyingSymbol: symbol.replace(".", "-"),
    expirationDates: expiries,
    strikes: [...new Set(expiring.map(({ strike }) => strike))],
    hasMiniOptions: false,
    quote: {
      ...{ symbol: symbol.replace(".", "-"), currency: "USD", quoteType: "EQUITY" },
      ...{ exchangeTimezoneName: "America/New_York", regularMarketPrice: spot },
      regularMarketTime: Math.floor(pricedMs / 1000),
    },
    options: [{ expirationDate, hasMiniOptions: false, calls: side("call"), puts: side("put") }],
  };
  return { optionChain: { result: [result], error: null } };
}

/** The last trading day whose regular session has begun. */
function sessionAt(nowMs: number): string {
  const today = tradingDayAtOrBefore(newYorkDateOf(nowMs));
  return sessionBounds(today).openMs <= nowMs ? today : tradingDayAtOrBefore(addDays(today, -1));
}

function rowOf(symbol: string, contract: MockContract, tradedMs: number, isQuoted: boolean) {
  const { strike, expiry, price, bid, ask, volume, openInterest } = contract;
  return {
    contractSymbol: contractName(symbol, contract),
    ...{ strike, currency: "USD", contractSize: "REGULAR", expiration: secondsOf(expiry) },
    ...{ lastPrice: cents(price), volume, lastTradeDate: Math.floor(tradedMs / 1000) },
    ...{ bid: isQuoted ? cents(bid) : 0, ask: isQuoted ? cents(ask) : 0 },
    openInterest: isQuoted ? openInterest : 0,
    // What Yahoo states where it states no quote; nobody is to read it.
    impliedVolatility: 1.0000000000000003e-5,
  };
}

function secondsOf(date: string): number {
  return Date.parse(date) / 1000;
}

function cents(price: number): number {
  return Math.max(0, Math.round(price * 100) / 100);
}
