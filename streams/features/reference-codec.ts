import type { Options, ReferenceField } from "@amc/schemas/generated/events";
import {
  type Check,
  isBoolean,
  isNumber,
  isText,
  listOf,
  mapOf,
  nullOr,
  oneOf,
  recordOf,
} from "../kernel/json-shape.ts";
import { jsonCodec } from "../kernel/state-codec.ts";
import {
  EMPTY_REFERENCE,
  type KnownFails,
  type KnownFigure,
  type KnownHalt,
  type KnownNews,
  type KnownOptions,
  type KnownShortInterest,
  type KnownShortVolume,
  type KnownSplit,
  type KnownVolatility,
  type ReferenceState,
} from "./reference-state.ts";

/** 2: short interest of every source, where 1 held one figure. */
const FORMAT = 2;

const TIMES = { happenedAt: isNumber, publishedAt: isNumber, capturedAt: isNumber } as const;
const PROVENANCE = {
  id: isText,
  source: isText,
  confidence: isNumber,
  ...TIMES,
  simulated: isBoolean,
} as const;

const isReferenceField: Check<ReferenceField> = oneOf(
  "FLOAT_SHARES",
  "SHARES_OUTSTANDING",
  "BORROW_FEE",
  "UTILISATION",
  "SHORT_SALE_THRESHOLD",
);
const areFiguresByName = mapOf(
  recordOf<KnownFigure>({
    ...PROVENANCE,
    value: isNumber,
    precision: oneOf("EXACT", "ROUNDED", "BOUND"),
  }),
);

function areFigures(value: unknown): value is ReferenceState["figures"] {
  return areFiguresByName(value) && Object.keys(value).every(isReferenceField);
}

const isSnapshot = recordOf<Options>({
  symbol: isText,
  ...TIMES,
  source: isText,
  confidence: isNumber,
  stale: isBoolean,
  providerLatencyMs: nullOr(isNumber),
  simulated: isBoolean,
  underlyingPrice: nullOr(isNumber),
  expiry: isText,
  strike: isNumber,
  callBid: nullOr(isNumber),
  callAsk: nullOr(isNumber),
  putBid: nullOr(isNumber),
  putAsk: nullOr(isNumber),
  callVolume: nullOr(isNumber),
  putVolume: nullOr(isNumber),
  callOpenInterest: nullOr(isNumber),
  putOpenInterest: nullOr(isNumber),
  gammaWallStrike: nullOr(isNumber),
  volumeRatio: nullOr(isNumber),
  ivPercentile: nullOr(isNumber),
});

const isReferenceState = recordOf<ReferenceState>({
  figures: areFigures,
  shortInterest: listOf(
    recordOf<KnownShortInterest>({
      ...PROVENANCE,
      settlementDate: isText,
      sharesShort: isNumber,
      previousSharesShort: nullOr(isNumber),
      averageDailyVolume: nullOr(isNumber),
      daysToCover: nullOr(isNumber),
      revision: isBoolean,
    }),
  ),
  shortVolume: nullOr(
    recordOf<KnownShortVolume>({
      ...PROVENANCE,
      tradeDate: isText,
      shortVolume: isNumber,
      totalVolume: isNumber,
    }),
  ),
  fails: listOf(
    recordOf<KnownFails>({ ...PROVENANCE, settlementDate: isText, quantity: isNumber }),
  ),
  news: listOf(
    recordOf<KnownNews>({
      ...PROVENANCE,
      polarity: nullOr(isNumber),
      credibility: nullOr(isNumber),
      eventAt: nullOr(isNumber),
    }),
  ),
  options: nullOr(recordOf<KnownOptions>({ ...PROVENANCE, snapshot: isSnapshot })),
  volatilities: listOf(recordOf<KnownVolatility>({ ...PROVENANCE, iv: nullOr(isNumber) })),
  splits: listOf(
    recordOf<KnownSplit>({
      ...PROVENANCE,
      effectiveAt: isNumber,
      ratio: isNumber,
      applied: isBoolean,
    }),
  ),
  halt: nullOr(recordOf<KnownHalt>({ ...PROVENANCE, status: oneOf("HALTED", "RESUMED") })),
});

/** A field that the first versions did not store, or in another shape, starts empty. */
function withEmptyFields(json: unknown): unknown {
  return typeof json === "object" ? { ...EMPTY_REFERENCE, ...json, shortInterest: [] } : json;
}

/** Plain JSON: it changes a few times a day at most. */
export const REFERENCE_CODEC = jsonCodec(FORMAT, isReferenceState, withEmptyFields);
