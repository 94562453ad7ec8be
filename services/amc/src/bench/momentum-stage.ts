import type { Component, PriceTick } from "@amc/schemas/generated/events";
import { derivedId } from "@amc/streams/kernel/ids";
import { KeyedStore } from "@amc/streams/kernel/keyed-store";
import { DONE, type Stage, type Subtopology } from "@amc/streams/kernel/stage";

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
/** Fields of a stored state: 11 numbers and the ring of 30 volumes, 328 bytes. */
const SCALARS = 11;

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

function encode(state: ScanState): Uint8Array {
  const values = new Float64Array(SCALARS + RING);
  values.set([
    state.bars,
    state.ema9,
    state.ema20,
    state.previousClose,
    state.gain,
    state.loss,
    state.atr,
    state.day,
    state.priceVolume,
    state.volume,
    state.ringSum,
  ]);
  values.set(state.ring, SCALARS);
  return new Uint8Array(values.buffer);
}

function decode(bytes: Uint8Array): ScanState {
  const values = new Float64Array(bytes.slice().buffer);
  const state = new ScanState();
  const at = (index: number): number => values[index] ?? 0;
  state.bars = at(0);
  state.ema9 = at(1);
  state.ema20 = at(2);
  state.previousClose = at(3);
  state.gain = at(4);
  state.loss = at(5);
  state.atr = at(6);
  state.day = at(7);
  state.priceVolume = at(8);
  state.volume = at(9);
  state.ringSum = at(10);
  state.ring.set(values.subarray(SCALARS));
  return state;
}

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

const MOMENTUM_STAGE: Stage = {
  name: "momentum-scan",
  version: 1,
  inputs: ["market.price-tick.v1"],
  outputs: ["signals.detection.v1"],
  init: ({ emit }) => {
    const states = new KeyedStore<ScanState>("momentum-scan", { encode, decode });
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
        const signal = scan(state, bar);
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
};

export const MOMENTUM_SCAN: Subtopology = {
  name: "momentum-scan",
  timed: false,
  stages: [MOMENTUM_STAGE],
};
