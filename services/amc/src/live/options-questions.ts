import {
  collectedUnderlyings,
  wantedUnderlyings,
} from "@amc/ingest-options/collection/wanted-underlyings";
import {
  ALPHA_VANTAGE_SOURCE,
  type AlphaVantage,
} from "@amc/ingest-options/providers/alpha-vantage/alpha-vantage";
import { underlyingCloses } from "@amc/ingest-options/underlying-closes";
import type { Log } from "@amc/platform/log/port";
import { lastCompletedDay } from "./price-sources.ts";
import type { LiveQuestion } from "./source-asker.ts";
import type { LiveUniverse } from "./universe.ts";

export interface OptionsQuestionsOptions {
  readonly provider: Pick<AlphaVantage, "optionsAtClose">;
  readonly simulated: boolean;
  readonly log: Log;
  readonly universe: Pick<LiveUniverse, "symbols" | "isWholeMarket">;
  readonly callsADay: number;
}

/**
 * The chains at the close of the last day that is over, as far as the calls of a day go. What was not
 * reached, or had no answer, is asked for again each time, until the next close says more; what the log
 * has is not, and neither is what had an answer without a chain.
 */
export function optionsQuestions(
  options: OptionsQuestionsOptions,
): (nowMs: number) => Promise<readonly LiveQuestion[]> {
  const { provider, simulated, log, universe, callsADay } = options;
  let answered = { date: "", symbols: new Set<string>() };
  return async (nowMs) => {
    const date = lastCompletedDay(nowMs);
    if (date !== answered.date) answered = { date, symbols: new Set() };
    const { symbols: done } = answered;
    const source = { source: ALPHA_VANTAGE_SOURCE, simulated };
    const known = await collectedUnderlyings(log, source, date);
    const symbols = inOrder(universe, await wantedUnderlyings(log, nowMs))
      .filter((symbol) => !known.has(symbol) && !done.has(symbol))
      .slice(0, callsADay);
    const closes = await underlyingCloses(log, symbols, date, simulated);
    return symbols.map((symbol) => {
      const terms = { symbol, date, underlyingClose: closes.get(symbol) ?? null };
      const ask = (signal?: AbortSignal) => provider.optionsAtClose(terms, signal);
      const kept = async () => void done.add(symbol);
      return { about: symbol, ask, kept };
    });
  };
}

/** Candidates first; of the whole market nobody else. */
function inOrder(
  { symbols, isWholeMarket }: OptionsQuestionsOptions["universe"],
  wanted: readonly string[],
): readonly string[] {
  if (isWholeMarket) return wanted;
  const watched = new Set(symbols);
  return [...new Set([...wanted.filter((symbol) => watched.has(symbol)), ...symbols])];
}
