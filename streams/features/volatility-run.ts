import type { Features } from "@amc/schemas/generated/events";

/** What a look at the percentiles of implied volatility found, counted in symbols with options. */
export interface VolatilityRun {
  readonly processed: number;
  readonly successful: number;
  readonly failed: number;
  /** Of those without a percentile how many for each reason, as features state it. */
  readonly reasons: ReadonlyMap<string, number>;
}

/**
 * Features rank a volatility as its snapshot comes; this counts which symbols have a rank by now, out of
 * the newest features of each (R-JOB-13). One whose options nobody has sent yet is none of them: an evening's
 * collection that goes on holds up nobody, and the next look finds the rest.
 */
export function volatilityRun(newest: readonly Features[]): VolatilityRun {
  const reasons = new Map<string, number>();
  let [processed, successful] = [0, 0];
  for (const { ivPercentile, missing } of newest) {
    const reason = missing.find(({ feature }) => feature === "ivPercentile")?.reason ?? "unknown";
    if (ivPercentile === null && reason === "no-source") continue;
    processed += 1;
    if (ivPercentile === null) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    else successful += 1;
  }
  return { processed, successful, failed: processed - successful, reasons };
}
