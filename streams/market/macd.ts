import { type EmaState, ema } from "./ema.ts";
import { checkPeriod, type Indicator } from "./indicator.ts";

export interface MacdOptions {
  readonly fastPeriod: number;
  readonly slowPeriod: number;
  readonly signalPeriod: number;
  /**
   * `aligned` as TA-Lib: both averages begin at the bar on which the slow one is ready, the fast
   * one with the mean of the `fastPeriod` closes up to it. `independent`: each begins at its own.
   */
  readonly seeding: "aligned" | "independent";
}

export interface MacdState {
  /** Closes that the fast average has not been shown, because it is not yet due to begin. */
  waiting: number;
  readonly fast: EmaState;
  readonly slow: EmaState;
  readonly signal: EmaState;
}

export interface Macd {
  /** Fast minus slow average of the closes, USD per share. */
  readonly macd: number;
  readonly signal: number;
  /** `macd` minus `signal`. */
  readonly histogram: number;
}

/** MACD over closes. First value after `slowPeriod` + `signalPeriod` - 1 of them. */
export function macd(options: MacdOptions): Indicator<MacdState, number, Macd> {
  const { fastPeriod, slowPeriod, signalPeriod, seeding } = options;
  checkPeriod(slowPeriod, fastPeriod);
  const fast = ema(fastPeriod);
  const slow = ema(slowPeriod);
  const signal = ema(signalPeriod);
  return {
    start: () => ({
      waiting: seeding === "aligned" ? slowPeriod - fastPeriod : 0,
      fast: fast.start(),
      slow: slow.start(),
      signal: signal.start(),
    }),
    peek: (state, close) => {
      const fastValue = state.waiting > 0 ? null : fast.peek(state.fast, close);
      const difference = minus(fastValue, slow.peek(state.slow, close));
      return difference === null ? null : result(difference, signal.peek(state.signal, difference));
    },
    add: (state, close) => {
      const fastValue = state.waiting > 0 ? null : fast.add(state.fast, close);
      if (state.waiting > 0) state.waiting -= 1;
      const difference = minus(fastValue, slow.add(state.slow, close));
      return difference === null ? null : result(difference, signal.add(state.signal, difference));
    },
  };
}

function minus(fast: number | null, slow: number | null): number | null {
  return fast === null || slow === null ? null : fast - slow;
}

function result(difference: number, signal: number | null): Macd | null {
  return signal === null ? null : { macd: difference, signal, histogram: difference - signal };
}
