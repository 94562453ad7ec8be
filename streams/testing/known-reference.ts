import type { Provenance, ReferenceState } from "../features/reference-state.ts";

const AT = Date.UTC(2021, 0, 12, 21, 0);

/** Every field differs from its neighbours. */
export const KNOWN_PROVENANCE: Provenance = {
  id: "0198c0de-9abc-8000-8000-00000000000c",
  source: "vendor é",
  confidence: 0.75,
  happenedAt: AT,
  publishedAt: AT + 1,
  capturedAt: AT + 2,
  simulated: false,
};

/** What can be known about one symbol, all of it known. */
export const KNOWN_REFERENCE: ReferenceState = {
  figures: {
    FLOAT_SHARES: { ...KNOWN_PROVENANCE, value: 50_000_000, precision: "BOUND" },
    BORROW_FEE: { ...KNOWN_PROVENANCE, value: 0.33, precision: "EXACT" },
  },
  shortInterest: [
    {
      ...KNOWN_PROVENANCE,
      settlementDate: "2020-12-31",
      sharesShort: 71_200_000,
      previousSharesShort: 68_100_000,
      averageDailyVolume: null,
      daysToCover: 3.5,
      revision: false,
    },
  ],
  shortVolume: {
    ...KNOWN_PROVENANCE,
    tradeDate: "2021-01-12",
    shortVolume: 4_100_000,
    totalVolume: 7_060_665,
  },
  fails: [{ ...KNOWN_PROVENANCE, settlementDate: "2020-12-15", quantity: 772_112 }],
  news: [{ ...KNOWN_PROVENANCE, polarity: 0.5, credibility: null, eventAt: AT + 3 }],
  options: {
    ...KNOWN_PROVENANCE,
    snapshot: {
      symbol: "GME",
      ...{ happenedAt: AT, publishedAt: AT + 1, capturedAt: AT + 2 },
      ...{ source: "vendor", confidence: 0.8, stale: false, providerLatencyMs: null },
      ...{ simulated: false, underlyingPrice: 19.95, expiry: "2021-01-15", strike: 20 },
      ...{ callBid: 0.9, callAsk: 1.1, putBid: 0.8, putAsk: 1, callVolume: 900, putVolume: 400 },
      ...{ callOpenInterest: 12_000, putOpenInterest: 9_000, gammaWallStrike: null },
      ...{ volumeRatio: 1.25, ivPercentile: null },
    },
  },
  volatilities: [{ ...KNOWN_PROVENANCE, iv: 1.1 }],
  splits: [{ ...KNOWN_PROVENANCE, effectiveAt: AT + 4, ratio: 4, applied: true }],
  halt: { ...KNOWN_PROVENANCE, status: "RESUMED" },
};
