import type { ShadowCandidate, ShadowSlot } from "@amc/schemas/generated/events";
import { isBoolean, isNumber, isText, listOf, oneOf, recordOf } from "../kernel/json-shape.ts";

/** What has come of the comparison of one run so far. */
export interface ShadowParts {
  readonly parts: readonly ShadowSlot[];
}

export const NO_PARTS: ShadowParts = { parts: [] };

/** With one part more; the same when this partition's has come before. */
export function withPart(state: ShadowParts, part: ShadowSlot): ShadowParts {
  if (state.parts.some(({ partition }) => partition === part.partition)) return state;
  return { parts: [...state.parts, part].sort((a, b) => a.partition - b.partition) };
}

export function isComplete({ parts }: ShadowParts): boolean {
  const [first] = parts;
  return first !== undefined && parts.length >= first.partitions;
}

const isShadowCandidate = recordOf<ShadowCandidate>({
  symbol: isText,
  score: isNumber,
  confidence: isNumber,
  label: oneOf("NONE", "WATCHLIST", "TRADE_READY"),
});

const isShadowSlot = recordOf<ShadowSlot>({
  tradingDay: isText,
  slot: isNumber,
  happenedAt: isNumber,
  trigger: oneOf("SLOT", "CROSSING", "DAILY", "SLICE"),
  session: oneOf("PREMARKET", "REGULAR", "AFTERHOURS", "OVERNIGHT", "CLOSED"),
  strategy: isText,
  profile: isText,
  preset: isText,
  configVersion: isText,
  shadowStrategy: isText,
  shadowConfigVersion: isText,
  partition: isNumber,
  partitions: isNumber,
  universe: isNumber,
  scored: isNumber,
  shadowScored: isNumber,
  scoredByBoth: isNumber,
  shadowFailed: isNumber,
  leftOut: isNumber,
  listed: isNumber,
  shadowListed: isNumber,
  candidates: listOf(isShadowCandidate),
  shadowCandidates: listOf(isShadowCandidate),
  publishedAt: isNumber,
  capturedAt: isNumber,
  simulated: isBoolean,
});

export const isShadowParts = recordOf<ShadowParts>({ parts: listOf(isShadowSlot) });
