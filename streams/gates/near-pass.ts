import type { Features, GateResult } from "@amc/schemas/generated/events";
import type { SoftPassLimits } from "./profiles.ts";

const MAY_BE_MISSED: ReadonlySet<string> = new Set(["min_relvol_30", "min_atr_pct"]);

/**
 * True when nothing but relative volume or ATR fails, by less than the tolerance, and a strong
 * catalyst speaks for the symbol (domain-facts §5, soft pass). It is a mark in the near-miss
 * ledger: soft passes themselves are off in every profile.
 */
export function isNearPass(
  features: Features,
  gates: readonly GateResult[],
  { tolerance, minCatalyst }: SoftPassLimits,
): boolean {
  const failed = gates.filter(({ outcome }) => outcome === "FAILED");
  const { newsSentiment, socialRank } = features;
  const catalyst = Math.max(newsSentiment ?? 0, socialRank ?? 0);
  return (
    failed.length > 0 && catalyst >= minCatalyst && failed.every((each) => isNear(each, tolerance))
  );
}

function isNear({ gate, value, threshold }: GateResult, tolerance: number): boolean {
  if (!MAY_BE_MISSED.has(gate) || value === null || threshold === null) return false;
  return value >= threshold * (1 - tolerance);
}
