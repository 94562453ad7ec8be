import { callPrice, gamma } from "@amc/streams/market/black-scholes";
import { tradingDayAtOrBefore } from "@amc/streams/market/calendar";
import { addDays, daysBetween, weekdayOf } from "@amc/streams/market/calendar-date";
import { optionTerms } from "@amc/streams/market/options";
import { noiseOf } from "./noise.ts";

/** A made-up option on a day; prices in USD, before they are written. */
export interface MockContract {
  readonly right: "call" | "put";
  /** `yyyy-mm-dd`. */
  readonly expiry: string;
  readonly strike: number;
  readonly price: number;
  readonly bid: number;
  readonly ask: number;
  readonly volume: number;
  readonly openInterest: number;
  /** Per year, fraction; the same for all contracts of a day. */
  readonly volatility: number;
  readonly gamma: number;
}

const FRIDAY = 5;
/** Friday expiries that are listed, and strikes to each side of the price. */
const EXPIRIES = 4;
const STRIKES = 5;
const RIGHTS = ["call", "put"] as const;

/** Contracts beside a price of the share, those of one volatility, give or take a spread. */
export function mockContracts(symbol: string, date: string, spot: number): readonly MockContract[] {
  const noise = noiseOf(`${symbol} options ${date}`);
  const volatility = 0.5 + 0.7 * noise(0);
  const step = spot < 10 ? 0.5 : 1;
  const middle = Math.round(spot / step) * step;
  return fridaysAfter(date).flatMap((expiry, week) => {
    const days = daysBetween(date, expiry);
    return Array.from({ length: 2 * STRIKES + 1 }, (_, at) => middle + (at - STRIKES) * step)
      .filter((strike) => strike > 0)
      .flatMap((strike, at) => {
        const terms = optionTerms(spot, strike, days);
        const call = callPrice(terms, volatility);
        const put = call - spot + strike * Math.exp(-terms.rate * terms.years);
        return RIGHTS.map((right, side): MockContract => {
          const price = right === "call" ? call : put;
          const index = 100 * week + 2 * at + side;
          return {
            ...{ right, expiry, strike, price, bid: price * 0.97, ask: price * 1.03 },
            volume: Math.round(900 * noise(index)),
            openInterest: Math.round(4_000 * noise(1_000 + index)),
            ...{ volatility, gamma: gamma(terms, volatility) },
          };
        });
      });
  });
}

/** As the OCC writes it: `GME250117C00020000`. */
export function contractName(symbol: string, { expiry, right, strike }: MockContract): string {
  const day = expiry.replaceAll("-", "").slice(2);
  const letter = right === "call" ? "C" : "P";
  return `${symbol.replace(".", "")}${day}${letter}${String(Math.round(strike * 1000)).padStart(8, "0")}`;
}

/** Fridays, or the last trading days before them. */
function fridaysAfter(date: string): readonly string[] {
  const toFriday = (FRIDAY - weekdayOf(date) + 7) % 7 || 7;
  return Array.from({ length: EXPIRIES }, (_, week) =>
    tradingDayAtOrBefore(addDays(date, toFriday + 7 * week)),
  );
}
