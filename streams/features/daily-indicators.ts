import type { Features, Missing } from "@amc/schemas/generated/events";
import { lanesToHex } from "../kernel/ids.ts";
import { atr } from "../market/atr.ts";
import { type EmaState, ema } from "../market/ema.ts";
import { macd } from "../market/macd.ts";
import { type RsiState, rsi } from "../market/rsi.ts";
import type { DailyWindow } from "./daily-window.ts";
import { MissingValues } from "./missing-values.ts";
import { type ScopeClass, scopeClassOf } from "./volume-scope.ts";

const RSI14 = rsi(14);
const ATR14 = atr(14);
const EMA9 = ema(9);
const EMA20 = ema(20);
const MACD = macd({ fastPeriod: 12, slowPeriod: 26, signalPeriod: 9, seeding: "aligned" });

/** Sessions that EMA, RSI, ATR and MACD need before they are used (domain-facts §0). */
const INDICATOR_SESSIONS = 100;
/** Sessions over which the volume that is usual is averaged. */
export const ADV_SESSIONS = 30;
/** Completed closes that give each live average its first value together with the last price. */
const LIVE_CLOSES = { rsi14Live: 14, ema9Live: 8, ema20Live: 19 } as const;

/** Values of a features event that change once a day, null until enough sessions are known. */
export type WarmValues = Pick<
  Features,
  | "prevClose"
  | "adv30"
  | "adv5"
  | "atr14"
  | "atrPct"
  | "rsi14"
  | "ema9"
  | "ema20"
  | "macd"
  | "macdSignal"
  | "macdHistogram"
  | "uptrendDays"
  | "priceChange5d"
  | "high20"
>;

/** What the completed sessions say. Computed over the whole window, so it is bounded by 250. */
export interface DailyIndicators {
  readonly sessions: number;
  readonly prevClose: number | null;
  readonly adv30: number | null;
  readonly adv10: number | null;
  readonly adv5: number | null;
  /** Kind of volume that adv30 averages; null when its sessions are of different kinds. */
  readonly scopeClass: ScopeClass | null;
  readonly warm: WarmValues;
  /** The nulls of `warm` and why. */
  readonly missing: readonly Missing[];
  /** States from which a provisional close can be judged. */
  readonly rsiState: RsiState;
  readonly ema9State: EmaState;
  readonly ema20State: EmaState;
  /** Order-free sum of the ids behind the window. */
  readonly windowHash: string;
}

export type LiveIndicators = Pick<Features, "rsi14Live" | "ema9Live" | "ema20Live">;

export function dailyIndicators(window: DailyWindow): DailyIndicators {
  const { size } = window;
  const missing = new MissingValues();
  const series = runIndicators(window);
  const { prevClose, adv30, adv5 } = {
    prevClose: size === 0 ? null : window.close(size - 1),
    adv30: meanVolume(window, ADV_SESSIONS),
    adv5: meanVolume(window, 5),
  };
  const indicator = (name: string, value: number | null): number | null =>
    missing.warm(name, value, size, INDICATOR_SESSIONS);
  const atr14 = indicator("atr14", series.atr14);
  const sum = new Uint32Array(4);
  window.evidence(sum);
  return {
    sessions: size,
    prevClose,
    adv30,
    adv10: meanVolume(window, 10),
    adv5,
    scopeClass: commonScope(window, ADV_SESSIONS),
    warm: {
      prevClose: missing.warm("prevClose", prevClose, size, 1),
      adv30: missing.warm("adv30", adv30, size, ADV_SESSIONS),
      adv5: missing.warm("adv5", adv5, size, 5),
      atr14,
      atrPct: indicator("atrPct", atr14 === null || prevClose === null ? null : atr14 / prevClose),
      rsi14:
        series.rsi14 === null && size >= INDICATOR_SESSIONS
          ? missing.note("rsi14", "price-unchanged")
          : indicator("rsi14", series.rsi14),
      ema9: indicator("ema9", series.ema9),
      ema20: indicator("ema20", series.ema20),
      macd: indicator("macd", series.momentum?.macd ?? null),
      macdSignal: indicator("macdSignal", series.momentum?.signal ?? null),
      macdHistogram: indicator("macdHistogram", series.momentum?.histogram ?? null),
      uptrendDays: missing.warm("uptrendDays", risingCloses(window), size, 2),
      priceChange5d: missing.warm("priceChange5d", changeOver(window, 5), size, 6),
      high20: missing.warm("high20", highestHigh(window, 20), size, 20),
    },
    missing: missing.all,
    rsiState: series.rsiState,
    ema9State: series.ema9State,
    ema20State: series.ema20State,
    windowHash: lanesToHex(sum),
  };
}

function runIndicators(window: DailyWindow) {
  const rsiState = RSI14.start();
  const atrState = ATR14.start();
  const ema9State = EMA9.start();
  const ema20State = EMA20.start();
  const macdState = MACD.start();
  let rsi14: number | null = null;
  let atr14: number | null = null;
  let ema9: number | null = null;
  let ema20: number | null = null;
  let momentum: ReturnType<typeof MACD.add> = null;
  for (let index = 0; index < window.size; index += 1) {
    const close = window.close(index);
    rsi14 = RSI14.add(rsiState, close);
    atr14 = ATR14.add(atrState, { high: window.high(index), low: window.low(index), close });
    ema9 = EMA9.add(ema9State, close);
    ema20 = EMA20.add(ema20State, close);
    momentum = MACD.add(macdState, close);
  }
  return { rsi14, atr14, ema9, ema20, momentum, rsiState, ema9State, ema20State };
}

/** The same averages with `price` as a provisional close; shown to people, read by no gate. */
export function liveIndicators(
  indicators: DailyIndicators,
  price: number | null,
  missing: MissingValues,
): LiveIndicators {
  const { sessions } = indicators;
  const live = (name: keyof LiveIndicators, value: number | null): number | null => {
    if (value !== null) return value;
    if (price === null) return missing.note(name, "no-price");
    const need = LIVE_CLOSES[name];
    if (sessions < need) return missing.warm(name, null, sessions, need);
    return missing.note(name, "price-unchanged");
  };
  const { rsiState, ema9State, ema20State } = indicators;
  return {
    rsi14Live: live("rsi14Live", price === null ? null : RSI14.peek(rsiState, price)),
    ema9Live: live("ema9Live", price === null ? null : EMA9.peek(ema9State, price)),
    ema20Live: live("ema20Live", price === null ? null : EMA20.peek(ema20State, price)),
  };
}

function meanVolume(window: DailyWindow, sessions: number): number | null {
  if (window.size < sessions) return null;
  let sum = 0;
  for (let index = window.size - sessions; index < window.size; index += 1) {
    sum += window.volume(index);
  }
  return sum / sessions;
}

function commonScope(window: DailyWindow, sessions: number): ScopeClass | null {
  if (window.size === 0) return null;
  const last = scopeClassOf(window.scopeAt(window.size - 1));
  for (let index = Math.max(0, window.size - sessions); index < window.size; index += 1) {
    if (scopeClassOf(window.scopeAt(index)) !== last) return null;
  }
  return last;
}

function risingCloses(window: DailyWindow): number {
  let days = 0;
  for (let index = window.size - 1; index > 0; index -= 1) {
    if (!(window.close(index) > window.close(index - 1))) return days;
    days += 1;
  }
  return days;
}

function changeOver(window: DailyWindow, sessions: number): number | null {
  const { size } = window;
  return size <= sessions ? null : window.close(size - 1) / window.close(size - 1 - sessions) - 1;
}

function highestHigh(window: DailyWindow, sessions: number): number | null {
  if (window.size < sessions) return null;
  let highest = Number.NEGATIVE_INFINITY;
  for (let index = window.size - sessions; index < window.size; index += 1) {
    highest = Math.max(highest, window.high(index));
  }
  return highest;
}
