/** Digits that tell any two 32-bit floats apart. */
const FLOAT32_DIGITS = 9;

/**
 * Yahoo keeps prices as 32-bit floats and prints them as 64-bit ones: 166.69 comes as
 * 166.69000244140625. The shortest decimal that is the same 32-bit float is what was meant; a number
 * that is no 32-bit float is left as it is.
 */
export function shortestDecimal(value: number): number {
  if (Math.fround(value) !== value) return value;
  for (let digits = 1; digits < FLOAT32_DIGITS; digits += 1) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(FLOAT32_DIGITS));
}
