/**
 * One technical indicator with its parameters bound. The state is plain JSON (numbers, null,
 * arrays), so it can be stored after any input and taken up again with the same results.
 */
export interface Indicator<State, Input, Value> {
  /** State before the first input. */
  readonly start: () => State;
  /** Takes a completed value into `state`, which it changes; null until enough have come. */
  readonly add: (state: State, input: Input) => Value | null;
  /** What `add` would return, for a value that is still forming; leaves `state` as it is. */
  readonly peek: (state: State, input: Input) => Value | null;
}

/** High, low and close of one interval, USD per share; a price tick is one. */
export interface Candle {
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

export interface VolumeCandle extends Candle {
  /** Shares; may be fractional. */
  readonly volume: number;
}

/** The value after each of `inputs`, null where it is not ready. */
export function seriesOf<State, Input, Value>(
  indicator: Indicator<State, Input, Value>,
  inputs: Iterable<Input>,
): (Value | null)[] {
  const state = indicator.start();
  const values: (Value | null)[] = [];
  for (const input of inputs) values.push(indicator.add(state, input));
  return values;
}

/** The value after the last of `inputs`; null when there are too few. */
export function lastOf<State, Input, Value>(
  indicator: Indicator<State, Input, Value>,
  inputs: Iterable<Input>,
): Value | null {
  const state = indicator.start();
  let value: Value | null = null;
  for (const input of inputs) value = indicator.add(state, input);
  return value;
}

/** Throws a RangeError unless `period` is a whole number of at least `min`. */
export function checkPeriod(period: number, min = 1): void {
  if (Number.isInteger(period) && period >= min) return;
  throw new RangeError(`period must be a whole number of at least ${min}, was ${period}`);
}
