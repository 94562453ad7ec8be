import type { Features } from "@amc/schemas/generated/events";
import fc from "fast-check";
import { featuresOf } from "./features-builder.ts";

const maybe = (min: number, max: number) =>
  fc.option(fc.double({ min, max, noNaN: true }), { nil: null });
const maybeFlag = fc.option(fc.boolean(), { nil: null });

const values = {
  price: maybe(0.01, 500),
  vwap: maybe(0.01, 500),
  dollarVolume: maybe(0, 1e9),
  volumeSpike: maybe(0, 60),
  relvol30: maybe(0, 60),
  relvol5: maybe(0, 60),
  atrPct: maybe(0, 0.5),
  rsi14: maybe(0, 100),
  ema9: maybe(0.01, 500),
  ema20: maybe(0.01, 500),
  uptrendDays: fc.option(fc.nat(20), { nil: null }),
  priceChange5d: maybe(-0.9, 4),
  high20: maybe(0.01, 500),
  floatShares: maybe(1e5, 1e9),
  floatRatio: maybe(0, 1),
  shortFraction: maybe(0, 3),
  daysToCover: maybe(0, 100),
  shortVolumeFraction: maybe(0, 1),
  failsToDeliverFlag: maybeFlag,
  thresholdFlag: maybeFlag,
  borrowFee: maybe(0, 2),
  utilisation: maybe(0, 1),
  atmIv: maybe(0.01, 5),
  ivPercentile: maybe(0, 100),
  callPutRatio: maybe(0, 20),
  gammaWallStrike: maybe(0.01, 600),
  optionsVolumeRatio: maybe(0, 30),
  optionsConfidence: maybe(0, 1),
  newsSentiment: maybe(0, 1),
  newsSources: fc.nat(5),
  newsConfidence: maybe(0, 1),
  socialRank: maybe(0, 1),
  nextEventDays: maybe(0, 60),
};

/** Features of a symbol at a slot, each value known or null on its own. */
export const arbitraryFeatures: fc.Arbitrary<Features> = fc
  .record(values)
  .map((known) => featuresOf(known));

/** Features that a test may take away one by one. */
export const REMOVABLE = [
  "price",
  "vwap",
  "volumeSpike",
  "relvol30",
  "relvol5",
  "atrPct",
  "rsi14",
  "ema9",
  "floatShares",
  "floatRatio",
  "shortFraction",
  "callPutRatio",
  "ivPercentile",
  "newsSentiment",
  "socialRank",
] as const;
