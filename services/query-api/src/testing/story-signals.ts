import type { Detection, Features, Input, Label } from "@amc/schemas/generated/events";
import { derivedId } from "@amc/streams/kernel/ids";
import { featuresOf, inputOf } from "@amc/streams/testing/features-builder";
import type { Stored } from "../read-model/port.ts";

/** Invented evaluations for the tests of this service; the figures belong to no real day. */

/** 2021-01-13 09:45 ET. */
export const FIRST_SLOT = Date.UTC(2021, 0, 13, 14, 45);
export const SLOT_MS = 15 * 60_000;

/** Ticks of a symbol that are public by the first slot; one more follows with each later slot. */
export const EARLY_TICKS = 3;
export const TICK_TOPIC = "market.price-tick.v1";
export const INTEREST_TOPIC = "short.interest.v1";

export const PROVENANCE = {
  strategy: "unified_detectors",
  profile: "strict",
  preset: "balanced_default",
  configVersion: "test",
};

export interface Evaluated {
  readonly symbol: string;
  readonly slot: number;
  readonly price: number;
  readonly score: number;
  readonly confidence: number;
  /** Failing gates with their values; empty for one that passes. */
  readonly failing?: Readonly<Record<string, number | null>>;
  readonly label?: Label;
}

export const WEIGHTS: readonly (readonly [
  detector: string,
  weight: number,
  score: number | null,
  label: string | null,
])[] = [
  ["volume_momentum", 0.35, 0.93, "EXPLOSIVE"],
  ["squeeze", 0.25, 0.7375, "STRONG"],
  ["catalyst_news", 0.2, 0.55, "EVENT"],
  ["options_flow", 0.1, null, null],
  ["technicals", 0.1, 0.9, "BULLISH"],
];

export function featuresEvent({ symbol, slot, price }: Evaluated): Stored<Features> {
  const event = featuresOf({
    symbol,
    happenedAt: slot,
    slot,
    price,
    vwap: price * 0.97,
    relvol30: 4.1,
    volumeSpike: 4.1,
    rsi14: 62.2,
    atrPct: 0.071,
    inputs: inputsAt(symbol, slot),
  });
  return { id: derivedId("features", 1, [symbol, String(slot)]), event };
}

/** Ids of the facts are those that `factId` gives them, so that a log can hold exactly these. */
export function factId(topic: string, symbol: string, index: number): string {
  return derivedId(topic, 1, [symbol], index);
}

function inputsAt(symbol: string, slot: number): Input[] {
  const newest = EARLY_TICKS - 1 + (slot - FIRST_SLOT) / SLOT_MS;
  const interest = factId(INTEREST_TOPIC, symbol, 0);
  return [
    inputOf("sessionTicks", {
      firstId: factId(TICK_TOPIC, symbol, 0),
      lastId: factId(TICK_TOPIC, symbol, newest),
      count: newest + 1,
      publishedAt: slot,
      happenedAt: slot,
    }),
    inputOf("shortInterest", {
      firstId: interest,
      lastId: interest,
      count: 1,
      publishedAt: FIRST_SLOT - SLOT_MS,
    }),
  ];
}

export function detectionOf(
  features: Stored<Features>,
  detector: string,
  score: number | null,
  label: string | null,
): Stored<Detection> {
  const { symbol, happenedAt, publishedAt, capturedAt, simulated, trigger, slot } = features.event;
  const event: Detection = {
    symbol,
    happenedAt,
    publishedAt,
    capturedAt,
    simulated,
    detector,
    featuresId: features.id,
    trigger,
    slot,
    score,
    confidence: score === null ? 0 : 0.94,
    label,
    signals: score === null ? [] : [`${detector}>=threshold`],
    components: [
      { name: "first", value: score, weight: 0.6, reason: score === null ? "no-source" : null },
      { name: "second", value: score, weight: 0.4, reason: score === null ? "no-source" : null },
    ],
    missing: score === null ? ["callPutRatio"] : [],
    dataSources: score === null ? [] : ["vendor"],
    error: null,
  };
  return { id: derivedId(detector, 1, [features.id]), event };
}
