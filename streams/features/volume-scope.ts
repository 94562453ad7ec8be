import type { VolumeScope } from "@amc/schemas/generated/events";

export type ScopeClass = "market" | "EXTENDED" | "VENUE";

/**
 * Volumes are comparable when they cover the same venues. Consolidated and regular-session volumes
 * are: of today only the regular session's ticks are counted, and the usual volume of a vendor
 * whose days include extended hours is a few percent higher at most, which errs to the quiet side.
 */
export function scopeClassOf(scope: VolumeScope): ScopeClass {
  return scope === "CONSOLIDATED" || scope === "REGULAR" ? "market" : scope;
}
