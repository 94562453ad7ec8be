/**
 * Probability that a variable of Student's t distribution is at least as far from 0 as `t`: the
 * p-value of a two-sided test. Relative error below 1e-10 for 1 to 10 000 degrees of freedom, which
 * need not be whole. Throws RangeError for other than positive degrees of freedom.
 */
export function twoSidedProbability(t: number, degreesOfFreedom: number): number {
  if (!(degreesOfFreedom > 0) || Number.isNaN(t)) {
    throw new RangeError(`no t distribution has ${degreesOfFreedom} degrees of freedom at ${t}`);
  }
  const far = (t / degreesOfFreedom) * t;
  // I_x(df/2, 1/2) at x = 1/(1 + t²/df), and its complement without taking x from 1.
  return incompleteBeta(
    1 / (1 + far),
    far === Infinity ? 1 : far / (1 + far),
    degreesOfFreedom / 2,
  );
}

/** Second parameter of the beta function that belongs to Student's distribution. */
const HALF = 0.5;

/** Regularised incomplete beta function I_x(a, 1/2), with `complement` = 1 - x. */
function incompleteBeta(x: number, complement: number, a: number): number {
  if (x === 0) return 0;
  if (complement === 0) return 1;
  const power = a * Math.log(x) + HALF * Math.log(complement);
  const front = Math.exp(power + logGamma(a + HALF) - logGamma(a) - logGamma(HALF));
  // The continued fraction converges quickly on this side of the mean only (Abramowitz and Stegun
  // 26.5.8); the other side is its mirror image.
  return x < (a + 1) / (a + HALF + 2)
    ? (front * betaFraction(x, a, HALF)) / a
    : 1 - (front * betaFraction(complement, HALF, a)) / HALF;
}

const FRACTION_TERMS_MAX = 10_000;
const FRACTION_PRECISION = 1e-16;
/** Stands for a denominator of 0, after Lentz. */
const TINY = 1e-300;

/** Continued fraction of the incomplete beta function, evaluated forwards by Lentz's method. */
function betaFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / orTiny(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m <= FRACTION_TERMS_MAX; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / orTiny(1 + even * d);
    c = orTiny(1 + even / c);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / orTiny(1 + odd * d);
    c = orTiny(1 + odd / c);
    const step = d * c;
    value *= step;
    if (Math.abs(step - 1) < FRACTION_PRECISION) break;
  }
  return value;
}

function orTiny(denominator: number): number {
  return Math.abs(denominator) < TINY ? TINY : denominator;
}

// Lanczos' approximation with g = 7 and nine terms, coefficients as P. Godfrey computed them.
const LANCZOS_G = 7;
const LANCZOS = [
  676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
  -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
];

/** Logarithm of the gamma function of a positive number. */
function logGamma(x: number): number {
  let series = 0.9999999999998099;
  for (const [index, coefficient] of LANCZOS.entries()) series += coefficient / (x + index);
  const shifted = x + LANCZOS_G - 0.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(shifted) - shifted + Math.log(series);
}
