/**
 * Rounds to `scale` digits after the point, half away from zero, as PostgreSQL's numeric does
 * (domain-facts §1). What counts is the shortest decimal text of the number: 1.00005 has four
 * digits rounded to 1.0001 although its binary value lies below the half.
 */
export function roundHalfAwayFromZero(value: number, scale: number): number {
  const factor = 10 ** scale;
  const magnitude = Math.abs(value);
  const scaled = magnitude * factor;
  let rounded = Math.round(scaled);
  // The product is off by at most one part in 2^52; only that close to a half can it mislead.
  if (Math.abs(Math.abs(scaled - rounded) - 0.5) <= scaled * Number.EPSILON) {
    rounded = Math.round(shiftDecimal(magnitude, scale));
  }
  const result = rounded / factor;
  return value < 0 && result !== 0 ? -result : result;
}

/** `value` times ten to the `digits`, exact in decimal. */
function shiftDecimal(value: number, digits: number): number {
  const [mantissa = "0", exponent = "0"] = String(value).split("e");
  return Number(`${mantissa}e${Number(exponent) + digits}`);
}
