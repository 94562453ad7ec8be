import type { Polygon } from "@amc/ingest-prices/providers/polygon/polygon";
import type { Yahoo } from "@amc/ingest-prices/providers/yahoo/yahoo";
import { addTradingDays, tradingDayAtOrBefore, tradingDaysIn } from "@amc/streams/market/calendar";
import { DAY_MS, MINUTE_MS } from "@amc/streams/market/calendar-date";
import { newYorkDateOf, newYorkToUtc } from "@amc/streams/market/event-time";
import { sessionBounds } from "@amc/streams/market/sessions";
import type { FactQuestion } from "../operations/ingest-facts.ts";
import type { KnownBars } from "./known-bars.ts";
import { MissedMinutes } from "./missed-minutes.ts";

/** Who states prices, and by which questions. */
export interface PriceSource {
  readonly provider: "yahoo" | "polygon";
  /** All that is missing up to now: days first, then minutes. None is asked for twice. */
  history(nowMs: number): readonly FactQuestion[];
  /** What is new since the last answer. */
  sweep(nowMs: number): readonly FactQuestion[];
}

/** Daily indicators are computed over the last 250 completed sessions (design.md §8). */
const DAYS_OF_HISTORY = 260;
/** A free key has five calls a minute, one of which is the snapshot. */
const MISSED_A_SWEEP = 3;
/** Sessions of minutes before the running one: what a start in the morning has to compare with. */
const SESSIONS_OF_MINUTES = 1;

/** Chart by chart: a call for each symbol. */
export function yahooPrices(
  yahoo: Yahoo,
  symbols: readonly string[],
  known: KnownBars,
): PriceSource {
  const chart = (symbol: string, interval: "1d" | "1m", fromMs: number): FactQuestion => ({
    about: symbol,
    ask: (signal) => yahoo.chart(symbol, interval, fromMs, signal),
  });
  const days = (nowMs: number) =>
    symbols
      .filter((symbol) => isDayMissing(known, symbol, nowMs))
      .map((symbol) => chart(symbol, "1d", missingDaysFrom(known, symbol, nowMs)));
  const minutes = (nowMs: number) =>
    symbols.map((symbol) => chart(symbol, "1m", missingMinutesFrom(known, symbol, nowMs)));
  const all = (nowMs: number) => [...days(nowMs), ...minutes(nowMs)];
  return { provider: "yahoo", history: all, sweep: all };
}

/** By symbol for a list, by day and snapshot for the whole market. */
export function polygonPrices(
  polygon: Polygon,
  symbols: readonly string[] | null,
  known: KnownBars,
): PriceSource {
  const missed = new MissedMinutes(symbols ?? []);
  const snapshot = (nowMs: number): FactQuestion => ({
    about: symbols === null ? "the market" : symbols.join(", "),
    ask: async (signal) => {
      const collected = await polygon.snapshot(symbols, signal);
      missed.heard(nowMs);
      return collected;
    },
  });
  const day = (date: string): FactQuestion => ({
    about: `the market on ${date}`,
    ask: (signal) => polygon.marketDay(date, signal),
  });
  type BarLength = typeof DAY_MS | typeof MINUTE_MS;
  const bars = (symbol: string, intervalMs: BarLength, fromMs: number, nowMs: number) => {
    const range = { symbol, intervalMs, from: newYorkDateOf(fromMs), to: newYorkDateOf(nowMs) };
    return { about: symbol, ask: (signal?: AbortSignal) => polygon.bars(range, signal) };
  };
  if (symbols !== null) {
    // A grouped day is the whole market, and others than these are nobody's wish.
    const days = (nowMs: number) =>
      symbols
        .filter((symbol) => isDayMissing(known, symbol, nowMs))
        .map((symbol) => bars(symbol, DAY_MS, missingDaysFrom(known, symbol, nowMs), nowMs));
    const minutes = (nowMs: number) =>
      symbols.map((symbol) =>
        bars(symbol, MINUTE_MS, missingMinutesFrom(known, symbol, nowMs), nowMs),
      );
    const missing = (nowMs: number) =>
      missed.at(nowMs, MISSED_A_SWEEP).map(({ symbol, fromMs }): FactQuestion => {
        const { about, ask } = bars(symbol, MINUTE_MS, Math.max(fromMs, firstMinute(nowMs)), nowMs);
        const filled = async (signal?: AbortSignal) => {
          const collected = await ask(signal);
          missed.filled(symbol);
          return collected;
        };
        return { about, ask: filled };
      });
    return {
      provider: "polygon",
      history: (nowMs) => {
        missed.heard(nowMs);
        return [...days(nowMs), ...minutes(nowMs)];
      },
      sweep: (nowMs) => [snapshot(nowMs), ...missing(nowMs), ...days(nowMs)],
    };
  }
  let newestDay: string | null = null;
  return {
    provider: "polygon",
    history: (nowMs) => {
      newestDay = lastCompletedDay(nowMs);
      return completedDays(nowMs).map(day);
    },
    sweep: (nowMs) => {
      const last = lastCompletedDay(nowMs);
      const isNew = newestDay === null || last > newestDay;
      newestDay = last;
      return isNew ? [snapshot(nowMs), day(last)] : [snapshot(nowMs)];
    },
  };
}

/** The last trading day whose extended hours have ended. */
export function lastCompletedDay(nowMs: number): string {
  const today = tradingDayAtOrBefore(newYorkDateOf(nowMs));
  return sessionBounds(today).afterhoursCloseMs <= nowMs ? today : addTradingDays(today, -1);
}

function completedDays(nowMs: number): readonly string[] {
  const last = lastCompletedDay(nowMs);
  return tradingDaysIn(addTradingDays(last, 1 - DAYS_OF_HISTORY), last);
}

function isDayMissing(known: KnownBars, symbol: string, nowMs: number): boolean {
  const newest = known.newestBar(symbol, DAY_MS) ?? Number.NEGATIVE_INFINITY;
  return newest < sessionBounds(lastCompletedDay(nowMs)).closeMs;
}

function missingDaysFrom(known: KnownBars, symbol: string, nowMs: number): number {
  const newest = known.newestBar(symbol, DAY_MS);
  if (newest !== null) return newest;
  return newYorkToUtc(addTradingDays(lastCompletedDay(nowMs), 1 - DAYS_OF_HISTORY), "00:00");
}

/** From the newest minute on, and never from before the last session: a gap of days is told by its days. */
function missingMinutesFrom(known: KnownBars, symbol: string, nowMs: number): number {
  const first = firstMinute(nowMs);
  return Math.max(first, known.newestBar(symbol, MINUTE_MS) ?? first);
}

/** Where minutes begin that are asked for at an instant, UTC ms. */
function firstMinute(nowMs: number): number {
  const today = tradingDayAtOrBefore(newYorkDateOf(nowMs));
  return newYorkToUtc(addTradingDays(today, -SESSIONS_OF_MINUTES), "04:00");
}
