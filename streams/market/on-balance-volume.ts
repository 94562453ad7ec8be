import type { Indicator } from "./indicator.ts";

export interface ObvState {
  previousClose: number | null;
  /** Shares on rising closes minus shares on falling ones. */
  balance: number;
}

/**
 * On-balance volume in shares, from 0 at the first interval. Only its changes mean anything: where
 * it begins is a matter of convention (TA-Lib begins with the first volume).
 */
export const onBalanceVolume: Indicator<ObvState, { close: number; volume: number }, number> = {
  start: () => ({ previousClose: null, balance: 0 }),
  peek: (state, { close, volume }) => state.balance + signedVolume(state, close, volume),
  add: (state, { close, volume }) => {
    state.balance += signedVolume(state, close, volume);
    state.previousClose = close;
    return state.balance;
  },
};

function signedVolume({ previousClose }: ObvState, close: number, volume: number): number {
  if (previousClose === null || close === previousClose) return 0;
  return close > previousClose ? volume : -volume;
}
