/** Answers in Yahoo's form with figures of our own; 2025-09-04 and -05 are trading days. */

const DAY_1_OPEN_S = Date.UTC(2025, 8, 4, 13, 30) / 1000;
const DAY_2_OPEN_S = Date.UTC(2025, 8, 5, 13, 30) / 1000;

interface ChartParts {
  readonly meta?: object;
  readonly timestamp?: readonly unknown[];
  readonly quote?: object;
  readonly events?: object;
}

const BARS = {
  open: [10, 11],
  high: [12, 12.5],
  low: [9.5, 10.75],
  close: [11, 12],
  volume: [1_000, 2_000],
};

/** Two daily bars, or what the parts make of them. */
export function chartAnswer({ meta, timestamp, quote, events }: ChartParts = {}) {
  const result = {
    meta: {
      ...{ symbol: "XYZ", currency: "USD", exchangeTimezoneName: "America/New_York" },
      dataGranularity: "1d",
      ...meta,
    },
    timestamp: timestamp ?? [DAY_1_OPEN_S, DAY_2_OPEN_S],
    ...(events === undefined ? {} : { events }),
    indicators: { quote: [quote ?? BARS] },
  };
  return { chart: { result: [result], error: null } };
}

/** A split on the second of the two days. */
export function splitOf(numerator: number, denominator: number): object {
  return { splits: { [DAY_2_OPEN_S]: { date: DAY_2_OPEN_S, numerator, denominator } } };
}

/** Settlement 2025-08-29, published 2025-09-10. */
export function statisticsAnswer(parts: object = {}) {
  const defaultKeyStatistics = {
    ...{ sharesShort: 2_500_000, shortRatio: 5, floatShares: 15_000_000 },
    ...{ sharesOutstanding: 20_000_000, dateShortInterest: Date.UTC(2025, 7, 29) / 1000 },
    // Contradicts its own shares and float, as Yahoo's did for GME.
    shortPercentOfFloat: 2.26,
    ...parts,
  };
  return { quoteSummary: { result: [{ defaultKeyStatistics }], error: null } };
}
