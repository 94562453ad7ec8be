import type { Component, PriceTick } from "@amc/schemas/generated/events";
import { derivedId } from "@amc/streams/kernel/ids";
import { KeyedStore } from "@amc/streams/kernel/keyed-store";
import { DONE, type Stage, type Subtopology } from "@amc/streams/kernel/stage";
import { StateReader, type StateWriter } from "@amc/streams/kernel/state-bytes";
import type { StateCodec } from "@amc/streams/kernel/state-codec";

/**
 * The momentum scan that other engines are measured with: EMA9, EMA20, RSI14, ATR14 (Wilder),
 * session VWAP and volume against the mean of the previous 30 bars, one signal when relative volume
 * >= 2.5, close >= 0.995 x VWAP and EMA9 > EMA20. Seeding and the order of additions are those of
 * the peers' definition, so that counts and checksums can be compared; it is not our own momentum
 * detector, whose indicators follow TA-Lib.
 */

const RING = 30;
const DAY_MS = 86_400_000;
const WEIGHT_9 = 2 / 10;
const WEIGHT_20 = 2 / 21;
class ScanState {
  bars = 0;
  ema9 = 0;
  ema20 = 0;
  previousClose = 0;
  gain = 0;
  loss = 0;
  atr = 0;
  day = -1;
  priceVolume = 0;
  volume = 0;
  ringSum = 0;
  readonly ring = new Float64Array(RING);
}

function encode(state: ScanState, into: StateWriter): void {
  into.float64(state.bars);
  into.float64(state.ema9);
  into.float64(state.ema20);
  into.float64(state.previousClose);
  into.float64(state.gain);
  into.float64(state.loss);
  into.float64(state.atr);
  into.float64(state.day);
  into.float64(state.priceVolume);
  into.float64(state.volume);
  into.float64(state.ringSum);
  for (const volume of state.ring) into.float64(volume);
}

function decode(bytes: Uint8Array): ScanState {
  const from = new StateReader(bytes);
  const state = new ScanState();
  state.bars = from.float64();
  state.ema9 = from.float64();
  state.ema20 = from.float64();
  state.previousClose = from.float64();
  state.gain = from.float64();
  state.loss = from.float64();
  state.atr = from.float64();
  state.day = from.float64();
  state.priceVolume = from.float64();
  state.volume = from.float64();
  state.ringSum = from.float64();
  for (let slot = 0; slot < RING; slot += 1) state.ring[slot] = from.float64();
  from.expectEnd();
  return state;
}

const SCAN_CODEC: StateCodec<ScanState> = { format: 1, encode, decode };

interface Signal {
  readonly rsi: number;
  readonly vwap: number;
  readonly relvol: number;
}

/** Takes one bar; the signal when the rule holds. */
function scan(state: ScanState, bar: PriceTick): Signal | null {
  const { close, high, low, volume } = bar;
  const count = state.bars;
  state.bars += 1;
  if (count === 0) {
    state.ema9 = close;
    state.ema20 = close;
    state.atr = high - low;
  } else {
    takeMomentum(state, bar, count);
  }
  state.previousClose = close;
  const day = Math.floor(bar.happenedAt / DAY_MS);
  if (day !== state.day) {
    state.day = day;
    state.priceVolume = 0;
    state.volume = 0;
  }
  state.priceVolume += ((high + low + close) / 3) * volume;
  state.volume += volume;
  const vwap = state.priceVolume / state.volume;
  const slot = count % RING;
  const relvol = count >= RING ? volume / (state.ringSum / RING) : Number.NaN;
  state.ringSum += volume - (state.ring[slot] ?? 0);
  state.ring[slot] = volume;
  if (!(relvol >= 2.5 && close >= 0.995 * vwap && state.ema9 > state.ema20)) return null;
  const rsi = state.loss === 0 ? 100 : 100 - 100 / (1 + state.gain / state.loss);
  return { rsi, vwap, relvol };
}

function takeMomentum(state: ScanState, bar: PriceTick, count: number): void {
  const { close, high, low } = bar;
  state.ema9 = WEIGHT_9 * close + (1 - WEIGHT_9) * state.ema9;
  state.ema20 = WEIGHT_20 * close + (1 - WEIGHT_20) * state.ema20;
  const change = close - state.previousClose;
  const gain = change > 0 ? change : 0;
  const loss = change < 0 ? -change : 0;
  if (count < 14) {
    state.gain += gain;
    state.loss += loss;
  } else if (count === 14) {
    state.gain = (state.gain + gain) / 14;
    state.loss = (state.loss + loss) / 14;
  } else {
    state.gain = (state.gain * 13 + gain) / 14;
    state.loss = (state.loss * 13 + loss) / 14;
  }
  const range = Math.max(
    high - low,
    Math.abs(high - state.previousClose),
    Math.abs(low - state.previousClose),
  );
  if (count < 13) state.atr += range;
  else if (count === 13) state.atr = (state.atr + range) / 14;
  else state.atr = (state.atr * 13 + range) / 14;
}

const component = (name: string, value: number): Component => ({
  name,
  value,
  weight: 0,
  reason: null,
});

/** What stands for a signal where every bar is to have an output. */
const NO_SIGNAL: Signal = { rsi: 0, vwap: 0, relvol: 0 };

const stageFor = (emits: "signals" | "all"): Stage => ({
  name: "momentum-scan",
  version: 1,
  inputs: ["market.price-tick.v1"],
  outputs: ["signals.detection.v1"],
  init: ({ emit }) => {
    const states = new KeyedStore("momentum-scan", SCAN_CODEC);
    return {
      stores: [states],
      step: (event) => {
        if (event.topic !== "market.price-tick.v1") return DONE;
        const bar = event.value;
        let state = states.get(bar.symbol);
        if (state === undefined) {
          state = new ScanState();
          states.set(bar.symbol, state);
        }
        const signal = scan(state, bar) ?? (emits === "all" ? NO_SIGNAL : null);
        states.touch(bar.symbol);
        if (signal === null) return DONE;
        emit({
          topic: "signals.detection.v1",
          id: derivedId("momentum-scan", 1, [event.id]),
          key: bar.symbol,
          happenedAt: bar.happenedAt,
          value: {
            symbol: bar.symbol,
            happenedAt: bar.happenedAt,
            publishedAt: bar.publishedAt,
            capturedAt: bar.capturedAt,
            simulated: bar.simulated,
            detector: "momentum-scan",
            featuresId: event.id,
            trigger: "SLICE",
            slot: null,
            score: null,
            confidence: 0,
            label: null,
            signals: [],
            components: [
              component("close", bar.close),
              component("ema9", state.ema9),
              component("ema20", state.ema20),
              component("rsi14", signal.rsi),
              component("atr14", state.atr),
              component("vwap", signal.vwap),
              component("relvol", signal.relvol),
            ],
            missing: [],
            dataSources: [],
            error: null,
          },
        });
        return DONE;
      },
    };
  },
});

export const MOMENTUM_SCAN: Subtopology = {
  name: "momentum-scan",
  timed: false,
  stages: [stageFor("signals")],
};

/** The same with an output for every bar, by which the way of one message is timed. */
export const MOMENTUM_ECHO: Subtopology = { ...MOMENTUM_SCAN, stages: [stageFor("all")] };
