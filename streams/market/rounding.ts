/** Nearer to a tie than this, the product with a power of ten cannot be trusted. */
const TIE_DISTANCE = 1e-6;
/** Up to here a product's error stays far below that distance. */
const TRUSTED_PRODUCT_MAX = 1e9;

/**
 * Rounds to `decimals` (0 to 15) decimal places, half away from zero, as PostgreSQL's numeric
 * does: 1.005 becomes 1.01 although its binary form lies below the tie, because the shortest
 * decimal that names the double decides. Never gives -0. NaN and infinities pass through.
 */
export function roundHalfAway(value: number, decimals: number): number {
  if (!Number.isFinite(value)) return value;
  const scale = 10 ** decimals;
  const magnitude = Math.abs(value);
  const product = magnitude * scale;
  const fraction = product - Math.floor(product);
  const trusted = product < TRUSTED_PRODUCT_MAX && Math.abs(fraction - 0.5) > TIE_DISTANCE;
  const rounded = Math.round(trusted ? product : shiftedByDecimals(magnitude, decimals)) / scale;
  return rounded === 0 || value > 0 ? rounded : -rounded;
}

/** `magnitude` × 10^decimals by moving the point of its shortest decimal form. */
function shiftedByDecimals(magnitude: number, decimals: number): number {
  const [digits = "0", exponent = "0"] = String(magnitude).split("e");
  return Number(`${digits}e${Number(exponent) + decimals}`);
}
