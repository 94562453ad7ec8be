import { momentsOf, pooledVariance } from "./sample-moments.ts";

/**
 * Cohen's d: by how many pooled standard deviations the treatment's mean lies above the control's.
 * From sample variances (domain-facts §15, C-36), so the sign is that of the t statistic. Null with
 * fewer than two values in a sample or no scatter in either.
 */
export function cohensD(control: readonly number[], treatment: readonly number[]): number | null {
  if (control.length < 2 || treatment.length < 2) return null;
  const [before, after] = [momentsOf(control), momentsOf(treatment)];
  const variance = pooledVariance(before, after);
  return variance > 0 ? (after.mean - before.mean) / Math.sqrt(variance) : null;
}
