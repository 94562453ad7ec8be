/** Room for products such as 3.0 × 1.2 = 3.5999999999999996 (domain-facts §1). */
const MULTIPLE_TOLERANCE = 1e-9;

/** "More than `multiple` times": 3.6 is not more than 1.2 × 3.0. */
export function exceedsMultiple(value: number, multiple: number, reference: number): boolean {
  return value > reference * multiple + MULTIPLE_TOLERANCE;
}

/**
 * "At least `ratio` of the reference", compared as a product: 9.95 / 10.00 is below 0.995 in
 * binary, 9.95 >= 0.995 * 10.00 holds (domain-facts §0).
 */
export function reachesRatio(value: number, ratio: number, reference: number): boolean {
  return value >= ratio * reference;
}
