import type { Features } from "@amc/schemas/generated/events";
import { borrowStress } from "../detectors/squeeze/borrow-stress.ts";
import { BORROW_PROXY_WEIGHT } from "../market/provider-weights.ts";
import type { FloatPathLimits } from "./profiles.ts";

type FloatPath = "small" | "mid" | "large";

export interface FloatPathFound {
  readonly path: FloatPath | null;
  /** Factor on confidence: below 1 when the borrow proxy stood in for fee or utilisation. */
  readonly confidenceFactor: number;
}

const NONE: FloatPathFound = { path: null, confidenceFactor: 1 };

/**
 * Which float path holds (domain-facts §5). Of a float known only as an upper bound the path that
 * holds for the bound holds; its short fraction is then a lower bound and errs to the safe side.
 */
export function findFloatPath(features: Features, limits: FloatPathLimits): FloatPathFound {
  const { floatShares } = features;
  if (floatShares === null) return NONE;
  if (floatShares <= limits.smallMaxShares) return { path: "small", confidenceFactor: 1 };
  if (floatShares < limits.largeMinShares) {
    return holdsMid(features, limits) ? { path: "mid", confidenceFactor: 1 } : NONE;
  }
  return largePath(features, limits);
}

/** Net positive news in the last 24 hours. */
function hasNewsCatalyst({ newsSentiment }: Features): boolean {
  return newsSentiment !== null && newsSentiment > 0;
}

function holdsMid(features: Features, limits: FloatPathLimits): boolean {
  const { shortFraction, borrowFee, utilisation, socialRank, callPutRatio } = features;
  const isPressed =
    reached(shortFraction, limits.midMinShortFraction) ||
    reached(borrowFee, limits.midMinBorrowFee) ||
    reached(utilisation, limits.midMinUtilisation);
  const hasCatalyst =
    hasNewsCatalyst(features) ||
    reached(socialRank, limits.midMinSocialRank) ||
    reached(callPutRatio, limits.midMinCallPutRatio);
  return limits.midEnabled && isPressed && hasCatalyst;
}

function largePath(features: Features, limits: FloatPathLimits): FloatPathFound {
  const { shortFraction, borrowFee, utilisation } = features;
  if (!reached(shortFraction, limits.largeMinShortFraction)) return NONE;
  const isFeeLow = borrowFee !== null && borrowFee < limits.largeMinBorrowFee;
  const isUtilisationLow = utilisation !== null && utilisation < limits.largeMinUtilisation;
  if (isFeeLow || isUtilisationLow) return NONE;
  if (borrowFee !== null && utilisation !== null) return { path: "large", confidenceFactor: 1 };
  const stress = borrowStress(features);
  return stress !== null && stress.stress >= limits.largeMinBorrowStress
    ? { path: "large", confidenceFactor: BORROW_PROXY_WEIGHT }
    : NONE;
}

function reached(value: number | null, limit: number): boolean {
  return value !== null && value >= limit;
}
