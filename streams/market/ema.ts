import { checkPeriod, type Indicator } from "./indicator.ts";

export interface EmaState {
  count: number;
  /** Sum of the values until the average is seeded, the average afterwards. */
  value: number;
}

/** Exponential average with weight 2/(period + 1), seeded with the mean of the first `period`. */
export function ema(period: number): Indicator<EmaState, number, number> {
  checkPeriod(period);
  const weight = 2 / (period + 1);
  const peek = (state: EmaState, value: number): number | null => {
    if (state.count >= period) return state.value + weight * (value - state.value);
    return state.count === period - 1 ? (state.value + value) / period : null;
  };
  return {
    start: () => ({ count: 0, value: 0 }),
    peek,
    add: (state, value) => {
      const average = peek(state, value);
      state.value = average ?? state.value + value;
      state.count += 1;
      return average;
    },
  };
}
