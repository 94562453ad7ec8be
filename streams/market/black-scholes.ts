import { normalDensity, normalDistribution } from "./normal-distribution.ts";

/** A European option on a share that pays no dividend. */
export interface OptionTerms {
  /** Price of the share, USD. */
  readonly spot: number;
  readonly strike: number;
  /** Time to expiry in years. */
  readonly years: number;
  /** Continuously compounded annual rate, 0.05 = 5 %. */
  readonly rate: number;
}

/** Annual volatilities that count as a measurement, domain-facts §4.5. */
const VOLATILITY_MIN = 0.01;
const VOLATILITY_MAX = 5;
/** Share of the spot price within which the formula's own rounding drowns the time value. */
const PRICE_NOISE = 1e-9;
/** Halving 4.99 as often as this leaves less than the spacing of doubles near 0.01. */
const BISECTIONS = 62;

/** Price of a call, USD per share, at an annual `volatility` (0.5 = 50 %). */
export function callPrice(terms: OptionTerms, volatility: number): number {
  const { spot, strike, years, rate } = terms;
  const d1 = standardisedMoneyness(terms, volatility);
  const d2 = d1 - volatility * Math.sqrt(years);
  return spot * normalDistribution(d1) - strike * Math.exp(-rate * years) * normalDistribution(d2);
}

/** Change of an option's delta per dollar of the share; the same for call and put. */
export function gamma(terms: OptionTerms, volatility: number): number {
  const { spot, years } = terms;
  const d1 = standardisedMoneyness(terms, volatility);
  return normalDensity(d1) / (spot * volatility * Math.sqrt(years));
}

/**
 * The annual volatility at which a call costs `price`. null when an input is not positive or no
 * volatility between 0.01 and 5 gives that price (a deep call without time value costs the same at
 * many): the limit itself would be an invented figure.
 */
export function impliedVolatility(price: number, terms: OptionTerms): number | null {
  const { spot, strike, years } = terms;
  if (!(price > 0 && spot > 0 && strike > 0 && years > 0)) return null;
  let low = VOLATILITY_MIN;
  let high = VOLATILITY_MAX;
  const noise = PRICE_NOISE * spot;
  if (!(price > callPrice(terms, low) + noise && price < callPrice(terms, high) - noise)) {
    return null;
  }
  // A call's price rises with volatility; bisection needs no derivative and always ends.
  for (let step = 0; step < BISECTIONS; step += 1) {
    const middle = (low + high) / 2;
    if (callPrice(terms, middle) < price) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** d1 of the Black-Scholes formula. */
function standardisedMoneyness(terms: OptionTerms, volatility: number): number {
  const { spot, strike, years, rate } = terms;
  const drift = (rate + (volatility * volatility) / 2) * years;
  return (Math.log(spot / strike) + drift) / (volatility * Math.sqrt(years));
}
