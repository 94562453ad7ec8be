import { tradingDaysBetween } from "@amc/streams/market/calendar";
import { MINUTE_MS } from "@amc/streams/market/calendar-date";
import { sessionBounds } from "@amc/streams/market/sessions";
import { centred, noiseOf } from "./noise.ts";

/** A bar of the made-up market; prices in USD as traded, to the cent. */
export interface MockBar {
  /** Start, UTC ms. */
  readonly startMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** What the made-up companies look like. */
export interface MockCompany {
  readonly symbol: string;
  readonly sharesOutstanding: number;
  readonly floatShares: number;
}

/** Where every price begins: answers do not depend on when the mock was started. */
const FIRST_DAY = "2019-01-02";
/** Of the logarithm of a price, a day: what lies away from its usual level comes back. */
const REVERSION = 0.985;
/** Trading days from one day of great volume to the next. */
const SURGE_DAYS = 20;
const SURGE_VOLUME = 9;
const SURGE_RETURN = 0.14;
const DAYS_KEPT = 64;

/**
 * A market that never was: prices, volumes and share counts are functions of symbol and date and of
 * nothing else, so that any answer can be given again. Every twentieth day of a symbol is one of great
 * volume and a rising price, so that there is something to find; SIMA to SIMT take turns at it, so
 * that on every day one of them has it.
 */
export class MockMarket {
  /** Symbols that are listed; others are unknown. */
  readonly symbols: readonly string[];
  readonly #listed: ReadonlySet<string>;
  /** Logarithm of price over usual price at the end of each day, by symbol. */
  readonly #levels = new Map<string, number[]>();
  readonly #minutes = new Map<string, readonly MockBar[]>();
  readonly #days = new Map<string, MockBar>();

  constructor(symbols: readonly string[]) {
    this.symbols = [...new Set(symbols)].sort();
    this.#listed = new Set(symbols);
  }

  has(symbol: string): boolean {
    return this.#listed.has(symbol);
  }

  /** Whether a day is one of great volume and a rising price for a symbol. */
  surges(symbol: string, date: string): boolean {
    return isSurge(symbol, dayNumber(date));
  }

  company(symbol: string): MockCompany {
    const noise = noiseOf(`${symbol} shares`);
    const sharesOutstanding = Math.round(18e6 + 40e6 * noise(0));
    const floatShares = Math.round(sharesOutstanding * (0.45 + 0.4 * noise(1)));
    return { symbol, sharesOutstanding, floatShares };
  }

  /** Shares short at a settlement date, 15 to 45 % of the float. */
  sharesShort(symbol: string, settlementDate: string): number {
    const noise = noiseOf(`${symbol} short ${settlementDate}`);
    const usual = noiseOf(`${symbol} short`)(0);
    return Math.round(this.company(symbol).floatShares * (0.15 + 0.25 * usual + 0.05 * noise(0)));
  }

  /** Shares of a usual day. */
  usualVolume(symbol: string): number {
    return 1e6 + 4e6 * noiseOf(`${symbol} volume`)(0);
  }

  /** The whole trading day; its volume holds extended hours, its prices do not. */
  day(symbol: string, date: string): MockBar {
    const key = `${symbol} ${date}`;
    const day = this.#days.get(key) ?? dayOf(date, this.minutes(symbol, date));
    this.#days.set(key, day);
    return day;
  }

  /** The trading day as far as it has come at an instant, UTC ms, by which its regular session has begun. */
  dayUntil(symbol: string, date: string, nowMs: number): MockBar {
    if (sessionBounds(date).afterhoursCloseMs <= nowMs) return this.day(symbol, date);
    const ended = this.minutes(symbol, date).filter(({ startMs }) => startMs <= nowMs);
    return dayOf(date, ended);
  }

  /** Bars of the minutes in which the symbol traded, ascending, from 04:00 to 20:00 ET. */
  minutes(symbol: string, date: string): readonly MockBar[] {
    const key = `${symbol} ${date}`;
    const known = this.#minutes.get(key);
    if (known !== undefined) return known;
    const made = this.#minutesOf(symbol, date);
    this.#minutes.set(key, made);
    for (const oldest of this.#minutes.keys()) {
      if (this.#minutes.size <= DAYS_KEPT) break;
      this.#minutes.delete(oldest);
    }
    return made;
  }

  #minutesOf(symbol: string, date: string): readonly MockBar[] {
    const { premarketOpenMs, openMs, closeMs, afterhoursCloseMs } = sessionBounds(date);
    const noise = noiseOf(`${symbol} ${date}`);
    const day = dayNumber(date);
    const usual = this.usualVolume(symbol) * (isSurge(symbol, day) ? SURGE_VOLUME : 1);
    const perMinute = (usual * (0.7 + 0.6 * noise(-1))) / ((closeMs - openMs) / MINUTE_MS);
    const from = this.#priceAt(symbol, day - 1);
    const growth = Math.log(this.#priceAt(symbol, day) / from);
    const bars: MockBar[] = [];
    let before = from;
    for (let startMs = premarketOpenMs; startMs < afterhoursCloseMs; startMs += MINUTE_MS) {
      const isRegular = startMs >= openMs && startMs < closeMs;
      const index = (startMs - premarketOpenMs) / MINUTE_MS;
      // Outside the regular session somebody trades in one minute of eight.
      if (!isRegular && noise(5_000 + index) > 0.125) continue;
      const past = Math.min(1, Math.max(0, (startMs + MINUTE_MS - openMs) / (closeMs - openMs)));
      const wobble = past === 0 || past === 1 ? 0 : 0.004 * centred(noise, index);
      const close = cents(from * Math.exp(growth * Math.sqrt(past) + wobble));
      const [high, low] = [Math.max(before, close), Math.min(before, close)];
      const share = isRegular ? 0.6 + 1.6 * (2 * past - 1) ** 2 : 0.1;
      bars.push({
        ...{ startMs, open: before, close },
        high: cents(high * (1 + 0.001 * noise(10_000 + index))),
        low: cents(low * (1 - 0.001 * noise(20_000 + index))),
        volume: Math.max(1, Math.round(perMinute * share * (0.5 + noise(30_000 + index)))),
      });
      before = close;
    }
    return bars;
  }

  /** Close of the day with this number, from 0 on. */
  #priceAt(symbol: string, day: number): number {
    const noise = noiseOf(`${symbol} close`);
    const levels = this.#levels.get(symbol) ?? [0];
    this.#levels.set(symbol, levels);
    for (let next = levels.length; next <= day; next += 1) {
      const shock = 0.05 * centred(noise, next) + (isSurge(symbol, next) ? SURGE_RETURN : 0);
      levels.push(REVERSION * (levels[next - 1] ?? 0) + shock - SURGE_RETURN / SURGE_DAYS);
    }
    const usual = 4 + 20 * noiseOf(`${symbol} price`)(0);
    return cents(usual * Math.exp(levels[Math.max(0, day)] ?? 0));
  }
}

function dayOf(date: string, minutes: readonly MockBar[]): MockBar {
  const { openMs, closeMs } = sessionBounds(date);
  const regular = minutes.filter(({ startMs }) => startMs >= openMs && startMs < closeMs);
  return {
    startMs: openMs,
    open: regular[0]?.open ?? 0,
    high: Math.max(...regular.map(({ high }) => high)),
    low: Math.min(...regular.map(({ low }) => low)),
    close: regular.at(-1)?.close ?? 0,
    volume: minutes.reduce((sum, { volume }) => sum + volume, 0),
  };
}

function dayNumber(date: string): number {
  return tradingDaysBetween(FIRST_DAY, date);
}

function isSurge(symbol: string, day: number): boolean {
  const turn = /^SIM[A-T]$/.test(symbol)
    ? symbol.charCodeAt(3) - "A".charCodeAt(0)
    : Math.floor(noiseOf(`${symbol} surge`)(0) * SURGE_DAYS);
  return (day + turn) % SURGE_DAYS === 0;
}

function cents(price: number): number {
  return Math.round(price * 100) / 100;
}
