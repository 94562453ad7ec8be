import { checkPeriod, type Indicator } from "./indicator.ts";
import { wilderSmoothed } from "./wilder.ts";

export interface RsiState {
  /** Price changes seen. */
  count: number;
  previousClose: number | null;
  /** Sums of gains and losses until `period` changes came, Wilder averages afterwards. */
  gain: number;
  loss: number;
}

/**
 * Relative strength index, 0 to 100, over closes: Wilder's averages seeded with the plain means of
 * the first `period` changes, as TA-Lib. First value after `period` + 1 closes. While no close
 * ever differed from the one before, it is null: 0 / 0 (TA-Lib prints 0, which would read as
 * "nothing but losses").
 */
export function rsi(period: number): Indicator<RsiState, number, number> {
  checkPeriod(period);
  return {
    start: () => ({ count: 0, previousClose: null, gain: 0, loss: 0 }),
    peek: (state, close) => {
      if (state.previousClose === null || state.count < period - 1) return null;
      const change = close - state.previousClose;
      const gain = wilderSmoothed(state.gain, Math.max(change, 0), state.count, period);
      return strength(gain, wilderSmoothed(state.loss, Math.max(-change, 0), state.count, period));
    },
    add: (state, close) => {
      const { previousClose } = state;
      state.previousClose = close;
      if (previousClose === null) return null;
      const change = close - previousClose;
      state.gain = wilderSmoothed(state.gain, Math.max(change, 0), state.count, period);
      state.loss = wilderSmoothed(state.loss, Math.max(-change, 0), state.count, period);
      state.count += 1;
      return state.count < period ? null : strength(state.gain, state.loss);
    },
  };
}

function strength(gain: number, loss: number): number | null {
  return gain + loss === 0 ? null : 100 * (gain / (gain + loss));
}
