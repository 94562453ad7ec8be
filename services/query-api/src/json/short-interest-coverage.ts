import type { ShortInterestCoverage } from "../read-model/port.ts";

/** Shares, 0 to 1; null, and never 0, of nothing. */
export function coverageRatios({ tracked, reported, usable, fresh }: ShortInterestCoverage) {
  return {
    coverage: tracked === 0 ? null : usable / tracked,
    freshness: reported === 0 ? null : fresh / reported,
  };
}
