/**
 * Chains in Yahoo's form with figures of our own: XYZ at the close of 2025-09-05, at 10.00, with options
 * that expire 30 days later (TV-OPT-01).
 */

/** Friday, 16:00:01 ET. */
const CLOSED_S = Date.UTC(2025, 8, 5, 20, 0, 1) / 1000;
const NEAR_EXPIRY_S = Date.UTC(2025, 9, 5) / 1000;

/** One contract of the near expiry. */
export function contractRow(right: "C" | "P", strike: number, parts: object = {}): object {
  return {
    contractSymbol: `XYZ251005${right}${String(strike * 1000).padStart(8, "0")}`,
    ...{ strike, currency: "USD", lastPrice: 0.8, contractSize: "REGULAR" },
    ...{ expiration: NEAR_EXPIRY_S, lastTradeDate: CLOSED_S - 60, impliedVolatility: 0.00001 },
    ...{ bid: 0.78, ask: 0.82, volume: 100, openInterest: 400, inTheMoney: true },
    ...parts,
  };
}

/** Strikes 9 to 11; the wall is at 10.5. */
export const CALLS: readonly object[] = [
  contractRow("C", 9, { bid: 1.4, ask: 1.6, openInterest: 9_000 }),
  contractRow("C", 10),
  contractRow("C", 10.5, { bid: 0.55, ask: 0.59, openInterest: 1_000 }),
  // Last traded the day before: its volume is not today's.
  contractRow("C", 11, { bid: 0.38, ask: 0.42, lastTradeDate: CLOSED_S - 86_400, volume: 7_777 }),
];
export const PUTS: readonly object[] = [
  contractRow("P", 9, { bid: 0.2, ask: 0.3 }),
  contractRow("P", 10, { bid: 0.75, ask: 0.79, volume: 50 }),
];

interface ChainParts {
  readonly quote?: object;
  readonly expirationDates?: readonly number[];
  readonly expirationDate?: number;
  readonly calls?: readonly unknown[];
  readonly puts?: readonly unknown[];
  readonly symbol?: string;
}

export function optionsAnswer(parts: ChainParts = {}): object {
  const { quote = {}, calls = CALLS, puts = PUTS, symbol = "XYZ" } = parts;
  const { expirationDates = [NEAR_EXPIRY_S], expirationDate = NEAR_EXPIRY_S } = parts;
  const result = {
    ...{ underlyingSymbol: symbol, expirationDates, strikes: [], hasMiniOptions: false },
    quote: {
      ...{ symbol, currency: "USD", exchangeTimezoneName: "America/New_York" },
      ...{ regularMarketPrice: 10, regularMarketTime: CLOSED_S, ...quote },
    },
    options: [{ expirationDate, hasMiniOptions: false, calls, puts }],
  };
  return { optionChain: { result: [result], error: null } };
}
