/** Digits that tell any two 64-bit floats apart. */
const FLOAT64_DIGITS = 17;
/** Half of the distance to the next float, as a share of the number: what rounding may have moved it by. */
const FLOAT32_ROUNDING = 2 ** -24;
const FLOAT64_ROUNDING = 2 ** -51;

/**
 * The price that was traded. Yahoo divides prices by all later splits (`basis`: new shares for one of
 * then), keeps them as 32-bit floats and prints those as 64-bit ones: 166.69 comes as
 * 166.69000244140625, and 100.01 before a split of 3 to 1 as 33.33666610717773. What was meant is the
 * shortest decimal that this rounding can have come from.
 */
export function tradedPrice(stated: number, basis: number): number {
  const isFloat32 = Math.fround(stated) === stated;
  const near = stated * basis;
  const rounding = isFloat32 ? FLOAT32_ROUNDING : FLOAT64_ROUNDING;
  for (let digits = 1; digits < FLOAT64_DIGITS; digits += 1) {
    const short = Number(near.toPrecision(digits));
    if (Math.abs(short - near) <= near * rounding) return short;
  }
  return near;
}
