import { uuidOf } from "@amc/streams/kernel/ids";
import type { AnyEvent } from "@amc/streams/kernel/stage";
import { TEN_O_CLOCK } from "@amc/streams/testing/features-builder";
import {
  alertDelivery,
  alertRequested,
  candidate,
  detection,
  features,
  priceTick,
  recommendation,
  run,
  runIdAt,
  stageTiming,
  verdict,
} from "@amc/streams/testing/projected-events";

export interface MarketSize {
  readonly symbols: number;
  readonly slots: number;
  /** Plain slices between two slots. */
  readonly slices: number;
}

export const QUARTER_MS = 15 * 60_000;
const DETECTORS = ["volume_momentum", "squeeze"] as const;

/**
 * The events of a simulated market in the order a processor would write them. The same seed gives
 * the same events, so that a killed process can go on with the log it had.
 */
export function simulatedMarket(seed: number, size: MarketSize): readonly AnyEvent[] {
  const random = sequence(seed);
  const events: AnyEvent[] = [];
  const symbols = Array.from({ length: size.symbols }, (_, index) => `S${index}`);
  for (let index = 0; index < size.slots; index += 1) {
    const slot = TEN_O_CLOCK + index * QUARTER_MS;
    for (const symbol of symbols) events.push(...sliceEvents(symbol, slot, size.slices, random));
    for (const symbol of symbols) events.push(...slotEvents(symbol, slot, random));
    events.push(...runEvents(slot, symbols, random));
  }
  return events;
}

/** Uniform numbers in [0, 1); mulberry32, public domain. */
export function sequence(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function sliceEvents(
  symbol: string,
  slot: number,
  slices: number,
  random: () => number,
): AnyEvent[] {
  return Array.from({ length: slices }, (_, slice) => {
    const happenedAt = slot - (slices - slice) * 60_000;
    const close = 10 + random();
    const times = { happenedAt, publishedAt: happenedAt, capturedAt: happenedAt };
    return [
      priceTick({ ...times, symbol, open: close, high: close, low: close, close, simulated: true }),
      features({ symbol, happenedAt, price: close, trigger: "SLICE", slot: null, inputs: [] }),
    ];
  }).flat();
}

function slotEvents(symbol: string, slot: number, random: () => number): AnyEvent[] {
  const happenedAt = slot;
  const evaluated = features({ symbol, happenedAt, price: 10 + random() });
  const detections = DETECTORS.map((detector) =>
    detection({ symbol, happenedAt, slot, detector, featuresId: evaluated.id, score: random() }),
  );
  const judged = verdict({
    symbol,
    happenedAt,
    slot,
    featuresId: evaluated.id,
    detectionIds: detections.map(({ id }) => id),
    score: random(),
    rawScore: random(),
    passed: random() > 0.5,
  });
  return [evaluated, ...detections, judged];
}

function runEvents(slot: number, symbols: readonly string[], random: () => number): AnyEvent[] {
  const happenedAt = slot;
  const chosen = symbols.filter(() => random() > 0.7);
  const issued = chosen.slice(0, 2).map((symbol) => ({
    symbol,
    event: recommendation({ symbol, happenedAt, slot, score: random(), runId: runIdAt(slot) }),
  }));
  const alerts = issued.flatMap(({ symbol, event }) => {
    const asked = alertRequested({ symbol, happenedAt, subjectId: event.id });
    return [asked, alertDelivery({ symbol, happenedAt: happenedAt + 1, alertId: asked.id })];
  });
  return [
    ...DETECTORS.map((stage) => stageTiming({ stage, slot, happenedAt, totalMs: random() * 10 })),
    ...chosen.map((symbol) => candidate({ symbol, happenedAt, slot, score: random() })),
    run({ slot, universe: symbols.length, healthMessages: [uuidOf(String(slot))] }),
    ...issued.map(({ event }) => event),
    ...alerts,
  ];
}
