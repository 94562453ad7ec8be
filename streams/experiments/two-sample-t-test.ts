import { momentsOf, pooledVariance, type SampleMoments } from "./sample-moments.ts";
import { twoSidedProbability } from "./student-t.ts";

/**
 * How the scatter of the samples is estimated: `pooled` as one (Student, what experiments use,
 * domain-facts §15), `separate` for samples that need not scatter alike (Welch).
 */
export type VarianceEstimate = "pooled" | "separate";

export interface TTest {
  /** Positive when the treatment's mean is the greater one. */
  readonly t: number;
  readonly degreesOfFreedom: number;
  /** Two-sided. */
  readonly pValue: number;
}

/**
 * Whether two independent samples have different means. Null, which is "insufficient", with fewer
 * than two values in a sample or no scatter in either.
 */
export function twoSampleTTest(
  control: readonly number[],
  treatment: readonly number[],
  variances: VarianceEstimate,
): TTest | null {
  if (control.length < 2 || treatment.length < 2) return null;
  const [before, after] = [momentsOf(control), momentsOf(treatment)];
  const { squaredError, degreesOfFreedom } =
    variances === "pooled" ? pooledError(before, after) : separateError(before, after);
  if (!(squaredError > 0)) return null;
  const t = (after.mean - before.mean) / Math.sqrt(squaredError);
  return { t, degreesOfFreedom, pValue: twoSidedProbability(t, degreesOfFreedom) };
}

interface ErrorOfDifference {
  /** Squared standard error of the difference of the means. */
  readonly squaredError: number;
  readonly degreesOfFreedom: number;
}

function pooledError(one: SampleMoments, other: SampleMoments): ErrorOfDifference {
  return {
    squaredError: pooledVariance(one, other) * (1 / one.size + 1 / other.size),
    degreesOfFreedom: one.size + other.size - 2,
  };
}

/** Degrees of freedom by Welch and Satterthwaite. */
function separateError(one: SampleMoments, other: SampleMoments): ErrorOfDifference {
  const first = squaredErrorOfMean(one);
  const second = squaredErrorOfMean(other);
  const squaredError = first + second;
  // By shares of the error: the fourth powers of the textbook form vanish for small scatter.
  const spread =
    (first / squaredError) ** 2 / (one.size - 1) + (second / squaredError) ** 2 / (other.size - 1);
  return { squaredError, degreesOfFreedom: 1 / spread };
}

function squaredErrorOfMean({ size, squaredDeviations }: SampleMoments): number {
  return squaredDeviations / (size - 1) / size;
}
