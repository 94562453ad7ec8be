import type { Indicator, VolumeCandle } from "./indicator.ts";

export interface VwapState {
  /** Sum of typical price times volume, USD. */
  turnover: number;
  /** Shares. */
  volume: number;
}

/**
 * Volume-weighted average of the typical price (high + low + close) / 3 since `start`, USD per
 * share; begin a new state with each session. null while no share was traded.
 */
export const vwap: Indicator<VwapState, VolumeCandle, number> = {
  start: () => ({ turnover: 0, volume: 0 }),
  peek: (state, candle) =>
    averagePrice(
      state.turnover + typicalPrice(candle) * candle.volume,
      state.volume + candle.volume,
    ),
  add: (state, candle) => {
    state.turnover += typicalPrice(candle) * candle.volume;
    state.volume += candle.volume;
    return averagePrice(state.turnover, state.volume);
  },
};

function typicalPrice({ high, low, close }: VolumeCandle): number {
  return (high + low + close) / 3;
}

function averagePrice(turnover: number, volume: number): number | null {
  return volume > 0 ? turnover / volume : null;
}
