import { collectedUnderlyings } from "@amc/ingest-options/collection/wanted-underlyings";
import { newestClosedDay, QUOTE_DELAY_MS } from "@amc/ingest-options/newest-options-day";
import { ALPHA_VANTAGE_SOURCE } from "@amc/ingest-options/providers/alpha-vantage/alpha-vantage";
import { YAHOO_SOURCE, type Yahoo } from "@amc/ingest-prices/providers/yahoo/yahoo";
import type { Log } from "@amc/platform/log/port";
import { tradingDayAtOrBefore } from "@amc/streams/market/calendar";
import { newYorkDateOf } from "@amc/streams/market/event-time";
import { sessionBounds } from "@amc/streams/market/sessions";
import type { LiveTask } from "./live-task.ts";
import { lastCompletedDay } from "./price-sources.ts";
import { SWEEP_SECONDS } from "./sweep-budget.ts";

export interface YahooOptionsTask {
  readonly yahoo: Yahoo;
  readonly symbols: readonly string[];
  readonly log: Log;
  readonly producer: string;
  /** Alpha Vantage is asked as well, and before. */
  readonly isSecond: boolean;
}

/**
 * Options at the close of the last session, of every symbol of which neither source has given them. Each
 * is asked for until there is an answer, once a session: what is not quoted after it will not be before
 * the next.
 */
export function yahooOptionsTask(task: YahooOptionsTask): LiveTask {
  const { yahoo, symbols, log, producer } = task;
  let isFirstsTurn = task.isSecond;
  let session: string | null = null;
  const answered = new Set<string>();
  const ask = (symbol: string) => async (signal?: AbortSignal) => {
    const collected = await yahoo.options(symbol, signal);
    answered.add(symbol);
    return collected;
  };
  const questions: LiveTask["questions"] = async (nowMs) => {
    const wasFirstsTurn = isFirstsTurn;
    isFirstsTurn = false;
    if (wasFirstsTurn || isQuoting(nowMs)) return [];
    const closed = newestClosedDay(nowMs);
    if (closed !== session) answered.clear();
    session = closed;
    const collected = (source: string, date: string) =>
      collectedUnderlyings(log, { source, simulated: yahoo.simulated }, date);
    const ours = await collected(YAHOO_SOURCE, closed);
    const theirs = await collected(ALPHA_VANTAGE_SOURCE, lastCompletedDay(nowMs));
    return symbols
      .filter((symbol) => !answered.has(symbol) && !ours.has(symbol) && !theirs.has(symbol))
      .map((symbol) => ({ about: symbol, ask: ask(symbol) }));
  };
  return {
    ...{ provider: "yahoo", producer, what: "options at the close" },
    ...{ everySeconds: SWEEP_SECONDS.options, isHistory: false, questions },
  };
}

/** Whether quotes are those of a session that is going on, as far as they are told by now. */
function isQuoting(nowMs: number): boolean {
  const { openMs, closeMs } = sessionBounds(tradingDayAtOrBefore(newYorkDateOf(nowMs)));
  return nowMs >= openMs && nowMs < closeMs + QUOTE_DELAY_MS;
}
