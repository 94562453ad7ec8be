import { roundHalfAway } from "../market/rounding.ts";

/** USD are written with the digits of prices. */
const USD_DECIMALS = 4;
/** As the system before this one wrote percentages (R-ARC-17). */
const PERCENT_DECIMALS = 2;

export interface Held {
  /** Shares, not 0; negative is short. */
  readonly quantity: number;
  /** USD per share; null when unknown. */
  readonly averageEntryPrice: number | null;
}

export interface Valuation {
  readonly side: "long" | "short";
  /** USD; negative for a short position. Null without a price. */
  readonly marketValue: number | null;
  /** USD; a short position gains as the price falls. Null without a price or an entry price. */
  readonly unrealizedPl: number | null;
  /** Percent of what was paid or received. */
  readonly unrealizedPlPct: number | null;
}

/** `price` is the last one in USD; null gives nulls, never 0. */
export function valueHolding(
  { quantity, averageEntryPrice }: Held,
  price: number | null,
): Valuation {
  const side = quantity < 0 ? "short" : "long";
  const marketValue = price === null ? null : roundHalfAway(quantity * price, USD_DECIMALS);
  if (price === null || averageEntryPrice === null) {
    return { side, marketValue, unrealizedPl: null, unrealizedPlPct: null };
  }
  const gain = price - averageEntryPrice;
  return {
    side,
    marketValue,
    unrealizedPl: roundHalfAway(gain * quantity, USD_DECIMALS),
    unrealizedPlPct: roundHalfAway(
      (100 * Math.sign(quantity) * gain) / averageEntryPrice,
      PERCENT_DECIMALS,
    ),
  };
}
