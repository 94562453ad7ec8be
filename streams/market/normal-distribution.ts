/** Density of the standard normal distribution. */
export function normalDensity(x: number): number {
  return Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
}

// Hart's rational approximation as G. West gives it ("Better approximations to cumulative normal
// functions", Wilmott 2005), coefficients of the highest power first.
const NUMERATOR = [
  3.52624965998911e-2, 0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871,
  221.213596169931, 220.206867912376,
];
const DENOMINATOR = [
  8.83883476483184e-2, 1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674,
  637.333633378831, 793.826512519948, 440.413735824752,
];
/** From here on (10 / √2) the continued fraction is the better one. */
const FAR_TAIL = 7.07106781186547;

/** Probability that a standard normal variable is at most `x`; error below 1e-14. */
export function normalDistribution(x: number): number {
  const distance = Math.abs(x);
  const exponential = Math.exp(-0.5 * distance * distance);
  const tail =
    distance < FAR_TAIL
      ? (exponential * polynomial(NUMERATOR, distance)) / polynomial(DENOMINATOR, distance)
      : exponential / (continuedFraction(distance) * Math.sqrt(2 * Math.PI));
  return x > 0 ? 1 - tail : tail;
}

function polynomial(coefficients: readonly number[], x: number): number {
  let value = 0;
  for (const coefficient of coefficients) value = value * x + coefficient;
  return value;
}

function continuedFraction(x: number): number {
  return x + 1 / (x + 2 / (x + 3 / (x + 4 / (x + 0.65))));
}
