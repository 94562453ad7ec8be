import { checkPeriod, type Indicator } from "./indicator.ts";
import { emptyWindow, pushValue, type ValueWindow, windowWith } from "./value-window.ts";

/**
 * Mean of the last `period` values, summed oldest to newest each time: no rounding error of values
 * long gone stays in it, so it does not depend on where a history began.
 */
export function sma(period: number): Indicator<ValueWindow, number, number> {
  return windowIndicator(period, meanOf);
}

/** Population standard deviation of the last `period` values, as TA-Lib's STDDEV. */
export function standardDeviation(period: number): Indicator<ValueWindow, number, number> {
  return windowIndicator(period, (values) => deviationOf(values, meanOf(values)));
}

export interface BollingerBands {
  readonly middle: number;
  readonly upper: number;
  readonly lower: number;
}

/** Mean of the last `period` values and `width` population standard deviations on either side. */
export function bollingerBands(
  period: number,
  width: number,
): Indicator<ValueWindow, number, BollingerBands> {
  return windowIndicator(period, (values) => {
    const middle = meanOf(values);
    const reach = width * deviationOf(values, middle);
    return { middle, upper: middle + reach, lower: middle - reach };
  });
}

function windowIndicator<Value>(
  period: number,
  evaluate: (values: readonly number[]) => Value,
): Indicator<ValueWindow, number, Value> {
  checkPeriod(period);
  const peek = (state: ValueWindow, value: number): Value | null => {
    const values = windowWith(state, period, value);
    return values === null ? null : evaluate(values);
  };
  return {
    start: emptyWindow,
    peek,
    add: (state, value) => {
      const result = peek(state, value);
      pushValue(state, period, value);
      return result;
    },
  };
}

function meanOf(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

function deviationOf(values: readonly number[], mean: number): number {
  let squares = 0;
  for (const value of values) squares += (value - mean) * (value - mean);
  return Math.sqrt(squares / values.length);
}
