export interface SampleMoments {
  readonly size: number;
  readonly mean: number;
  /** Sum of squared deviations from the mean; divided by `size - 1` it is the sample variance. */
  readonly squaredDeviations: number;
}

/** Two passes: the sum of squares less the squared sum would lose what small deviations say. */
export function momentsOf(sample: readonly number[]): SampleMoments {
  let sum = 0;
  for (const value of sample) sum += value;
  const mean = sum / sample.length;
  let squaredDeviations = 0;
  for (const value of sample) squaredDeviations += (value - mean) ** 2;
  return { size: sample.length, mean, squaredDeviations };
}

/** Variance of two samples taken as equally scattered, each counted by its degrees of freedom. */
export function pooledVariance(one: SampleMoments, other: SampleMoments): number {
  return (one.squaredDeviations + other.squaredDeviations) / (one.size + other.size - 2);
}
