import type { Polygon } from "@amc/ingest-prices/providers/polygon/polygon";
import type { Yahoo } from "@amc/ingest-prices/providers/yahoo/yahoo";
import { addTradingDays, tradingDayAtOrBefore, tradingDaysIn } from "@amc/streams/market/calendar";
import { DAY_MS, MINUTE_MS } from "@amc/streams/market/calendar-date";
import { newYorkDateOf, newYorkToUtc } from "@amc/streams/market/event-time";
import { sessionBounds } from "@amc/streams/market/sessions";
import type { KnownBars } from "./known-bars.ts";
import type { MarketDays } from "./market-days.ts";
import { MissedMinutes } from "./missed-minutes.ts";
import type { LiveQuestion } from "./source-asker.ts";

/** Who states prices, and by which questions. */
export interface PriceSource {
  readonly provider: "yahoo" | "polygon";
  /** All that is missing up to now: days first, then minutes. None is asked for twice. */
  history(nowMs: number): readonly LiveQuestion[];
  /** What is new since the last answer, and some of what had none. */
  sweep(nowMs: number): readonly LiveQuestion[];
}

/** Daily indicators are computed over the last 250 completed sessions (design.md §8). */
const DAYS_OF_HISTORY = 260;
/** A grouped day that had no answer is asked for again after so long, and not with every snapshot. */
const DAY_AGAIN_MS = 15 * MINUTE_MS;
/** A free key has five calls a minute, one of which is the snapshot. */
const DAYS_A_SWEEP = 3;
const MISSED_A_SWEEP = 3;
/** Sessions of minutes before the running one: what a start in the morning has to compare with. */
const SESSIONS_OF_MINUTES = 1;

/** Chart by chart: a call for each symbol. */
export function yahooPrices(
  yahoo: Pick<Yahoo, "chart">,
  symbols: readonly string[],
  known: KnownBars,
): PriceSource {
  const chart = (symbol: string, interval: "1d" | "1m", fromMs: number): LiveQuestion => ({
    about: symbol,
    ask: (signal) => yahoo.chart(symbol, interval, fromMs, signal),
  });
  const days = (nowMs: number) =>
    symbols
      .filter((symbol) => isDayMissing(known, symbol, nowMs))
      .map((symbol) => chart(symbol, "1d", missingDaysFrom(known, symbol, nowMs)));
  const minutes = (nowMs: number) =>
    symbols.map((symbol) => chart(symbol, "1m", missingMinutesFrom(known, symbol, nowMs)));
  return {
    provider: "yahoo",
    history: (nowMs) => [...days(nowMs), ...minutes(nowMs)],
    // The slot waits for the minutes alone.
    sweep: (nowMs) => [...minutes(nowMs), ...days(nowMs)],
  };
}

/** Symbol by symbol, and the newest of all of them by a snapshot. */
export function polygonPrices(
  polygon: Polygon,
  symbols: readonly string[],
  known: KnownBars,
): PriceSource {
  const missed = new MissedMinutes(symbols);
  const snapshot = (nowMs: number): LiveQuestion => ({
    about: symbols.join(", "),
    ask: async (signal) => {
      const collected = await polygon.snapshot(symbols, signal);
      missed.heard(nowMs);
      return collected;
    },
  });
  type BarLength = typeof DAY_MS | typeof MINUTE_MS;
  const bars = (symbol: string, intervalMs: BarLength, fromMs: number, nowMs: number) => {
    const range = { symbol, intervalMs, from: newYorkDateOf(fromMs), to: newYorkDateOf(nowMs) };
    return { about: symbol, ask: (signal?: AbortSignal) => polygon.bars(range, signal) };
  };
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
    missed.at(nowMs, MISSED_A_SWEEP).map(({ symbol, fromMs }): LiveQuestion => {
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

/**
 * By day and snapshot. A day that the log has whole is not asked for; one that had no answer, or an empty one,
 * is asked for again after a while, the newest first and a few at a time, behind the newest minute.
 */
export function polygonMarket(
  polygon: Pick<Polygon, "snapshot" | "marketDay">,
  whole: MarketDays,
): PriceSource {
  const snapshot: LiveQuestion = {
    about: "the market",
    ask: (signal) => polygon.snapshot(null, signal),
  };
  const askedMs = new Map<string, number>();
  const day = (date: string, nowMs: number): LiveQuestion => ({
    about: `the market on ${date}`,
    ask: (signal) => {
      askedMs.set(date, nowMs);
      return polygon.marketDay(date, signal);
    },
    // A row that is refused is refused the next time, too; a day without rows is not published yet.
    kept: async ({ facts }) => {
      if (facts.length > 0) await whole.add(date);
    },
  });
  const missing = (nowMs: number) => completedDays(nowMs).filter((date) => !whole.has(date));
  const due = (nowMs: number) =>
    missing(nowMs)
      .filter((date) => (askedMs.get(date) ?? Number.NEGATIVE_INFINITY) + DAY_AGAIN_MS <= nowMs)
      .slice(-DAYS_A_SWEEP)
      .reverse();
  return {
    provider: "polygon",
    history: (nowMs) => missing(nowMs).map((date) => day(date, nowMs)),
    sweep: (nowMs) => [snapshot, ...due(nowMs).map((date) => day(date, nowMs))],
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
