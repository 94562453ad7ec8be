/**
 * Answers in the form that Polygon documents, made by hand: nothing of its service is recorded here.
 * 2025-09-04 and -05 are trading days; New York is four hours behind UTC.
 */

/** 10:00 ET of 2025-09-05. */
export const MINUTE_MS = Date.UTC(2025, 8, 5, 14);
/** Midnight of 2025-09-04 in New York. */
export const DAY_START_MS = Date.UTC(2025, 8, 4, 4);

const DAY_MS = 86_400_000;
const BAR = { o: 10, h: 12, l: 9.5, c: 11, v: 1_000.5, vw: 10.75, n: 42 };

/** One bar, which begins at `t`. */
export function aggregate(t: number, parts: object = {}): object {
  return { ...BAR, t, ...parts };
}

/** A page of bars of XYZ: two days, or the rows given. */
export function barsAnswer(
  results: readonly unknown[] = [aggregate(DAY_START_MS), aggregate(DAY_START_MS + DAY_MS)],
  parts: object = {},
): object {
  return {
    ...{ ticker: "XYZ", queryCount: results.length, resultsCount: results.length },
    ...{ adjusted: false, status: "OK", request_id: "b84e24636301f19f88e0dfbf9a45ed5c" },
    ...(results.length === 0 ? {} : { results }),
    ...parts,
  };
}

/** A grouped day of 2025-09-04 with a row per symbol; `t` is the end of the day, as documented. */
export function marketDayAnswer(symbols: readonly string[], parts: object = {}): object {
  const t = Date.UTC(2025, 8, 4, 20);
  const results = symbols.map((T) => ({ T, ...aggregate(t) }));
  const { length: resultsCount } = results;
  return {
    adjusted: false,
    queryCount: resultsCount,
    resultsCount,
    results,
    status: "OK",
    ...parts,
  };
}

/** A ticker of a snapshot whose newest whole minute is 10:00 ET of 2025-09-05. */
export function ticker(symbol: string, parts: object = {}): object {
  return {
    ticker: symbol,
    ...{ todaysChange: 0.1, todaysChangePerc: 1, updated: (MINUTE_MS + 61_000) * 1e6 },
    day: BAR,
    lastQuote: { P: 11.02, S: 4, p: 11, s: 22, t: (MINUTE_MS + 61_500) * 1e6 },
    lastTrade: { c: [14, 41], i: "4046", p: 11.01, s: 236, t: (MINUTE_MS + 61_000) * 1e6, x: 4 },
    min: { av: 28_724_441, ...aggregate(MINUTE_MS) },
    prevDay: BAR,
    ...parts,
  };
}

export function snapshotAnswer(tickers: readonly unknown[], parts: object = {}): object {
  return { count: tickers.length, status: "OK", request_id: "x", tickers, ...parts };
}
