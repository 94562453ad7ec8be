/**
 * Answers in the form that Alpha Vantage documents, made by hand: nothing of its service is recorded
 * here. The chain of XYZ on 2025-09-05 expires 30 days later, 60 days later and the day after that.
 */

export const DATE = "2025-09-05";
/** 30 days ahead, as TV-OPT-01 has it. */
export const NEAR_EXPIRY = "2025-10-05";

/** One contract as text, as all figures come. */
export function contract(type: "call" | "put", strike: number, parts: object = {}): object {
  return {
    contractID: `XYZ251005${type === "call" ? "C" : "P"}${String(strike * 1000).padStart(8, "0")}`,
    ...{ symbol: "XYZ", expiration: NEAR_EXPIRY, strike: strike.toFixed(2), type, date: DATE },
    ...{ last: "0.80", mark: "0.80", bid: "0.78", bid_size: "10", ask: "0.82", ask_size: "12" },
    ...{ volume: "100", open_interest: "400", implied_volatility: "0.68388" },
    ...{ delta: "0.55", gamma: "0.20", theta: "-0.01", vega: "0.02", rho: "0.01" },
    ...parts,
  };
}

/** Strikes 9 to 11, calls and puts; the wall is at 10.5. */
export const CHAIN: readonly object[] = [
  contract("call", 9, { bid: "1.40", ask: "1.60", open_interest: "9000" }),
  contract("put", 9, { bid: "0.20", ask: "0.30" }),
  contract("call", 10),
  contract("put", 10, { bid: "0.75", ask: "0.79", volume: "50" }),
  contract("call", 10.5, { open_interest: "1000", gamma: "0.3" }),
  contract("put", 10.5, { bid: "", ask: "0.00", volume: "0" }),
  contract("call", 11, { open_interest: "1100" }),
  // Later expiries take no part in a snapshot.
  contract("call", 10, { expiration: "2025-11-04", volume: "7777" }),
  contract("put", 10, { expiration: "2025-11-05", volume: "7777" }),
];

export function chainAnswer(data: readonly unknown[] = CHAIN): object {
  return { endpoint: "Historical Options", message: "success", data };
}

/** What comes with status 200 in place of data, with a key in it as Alpha Vantage states it. */
export const NOTES = {
  minute:
    "Thank you for using Alpha Vantage! Our standard API call frequency is 5 calls per minute and 25 calls per day.",
  day: "We have detected your API key as canary-5f1d3c and our standard API rate limit is 25 requests per day. Please subscribe to any of the premium plans.",
  premium: "Thank you for using Alpha Vantage! This is a premium endpoint.",
  demo: "The **demo** API key is for demo purposes only. Please claim your free API key.",
} as const;
