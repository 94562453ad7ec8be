import { type Candle, checkPeriod, type Indicator } from "./indicator.ts";
import { wilderSmoothed } from "./wilder.ts";

/** Widest move of an interval, the gap from the previous close included; USD per share. */
export function trueRange(candle: Candle, previousClose: number): number {
  const { high, low } = candle;
  return Math.max(high - low, Math.abs(high - previousClose), Math.abs(low - previousClose));
}

export interface AtrState {
  /** True ranges seen. */
  count: number;
  previousClose: number | null;
  /** Sum of true ranges until `period` of them came, Wilder's average afterwards. */
  range: number;
}

/**
 * Average true range, USD per share, Wilder's smoothing as TA-Lib: the first true range belongs to
 * the second candle, so the first value comes after `period` + 1.
 */
export function atr(period: number): Indicator<AtrState, Candle, number> {
  checkPeriod(period);
  return {
    start: () => ({ count: 0, previousClose: null, range: 0 }),
    peek: (state, candle) => {
      if (state.previousClose === null || state.count < period - 1) return null;
      return wilderSmoothed(
        state.range,
        trueRange(candle, state.previousClose),
        state.count,
        period,
      );
    },
    add: (state, candle) => {
      const { previousClose } = state;
      state.previousClose = candle.close;
      if (previousClose === null) return null;
      const range = trueRange(candle, previousClose);
      state.range = wilderSmoothed(state.range, range, state.count, period);
      state.count += 1;
      return state.count < period ? null : state.range;
    },
  };
}
