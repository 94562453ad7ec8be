import type { Candidate, ShadowSlot, SlotClosed } from "@amc/schemas/generated/events";
import { TEN_O_CLOCK } from "./features-builder.ts";

const BASE = {
  tradingDay: "2021-01-13",
  happenedAt: TEN_O_CLOCK,
  publishedAt: TEN_O_CLOCK,
  capturedAt: TEN_O_CLOCK,
  simulated: false,
  slot: TEN_O_CLOCK,
  trigger: "SLOT",
  session: "REGULAR",
  strategy: "unified_detectors",
  profile: "strict",
  preset: "balanced_default",
  configVersion: "version-1",
} as const satisfies Partial<Candidate>;

/** A listed watchlist candidate. */
export function candidateFor(symbol: string, known: Partial<Candidate> = {}): Candidate {
  return {
    ...BASE,
    symbol,
    verdictId: `verdict-${symbol}-${known.slot ?? BASE.slot}`,
    featuresId: `features-${symbol}-${known.slot ?? BASE.slot}`,
    score: 0.72,
    confidence: 0.6,
    listed: true,
    label: "WATCHLIST",
    price: 10.3,
    reasons: ["volume 5.4x what is usual by 10:00", "price 2.7 % above VWAP", "RSI(14) at 65"],
    contributions: [],
    sharesShort: null,
    shortFraction: null,
    daysToCover: null,
    shortPublishedAt: null,
    shortInterestQuality: null,
    volumeSpike: null,
    squeezeLabel: null,
    squeezeScore: null,
    ...known,
  };
}

/** A partition that evaluated ten symbols and passed `passed` of them. */
export function slotClosedFor(
  partition: number,
  partitions: number,
  passed: number,
  known: Partial<SlotClosed> = {},
): SlotClosed {
  return {
    ...BASE,
    partition,
    partitions,
    universe: 10,
    evaluable: 9,
    priceVolumePassed: passed,
    passed,
    listed: passed,
    eliminations: [
      { gate: "min_relvol_30", first: 9 - passed, all: 9 - passed },
      { gate: "rsi_band", first: 1, all: 4 },
    ],
    experiment: null,
    reduction: null,
    ...known,
  };
}

/** A partition that compared ten symbols, all scored by both, and listed nothing. */
export function shadowSlotFor(
  partition: number,
  partitions: number,
  known: Partial<ShadowSlot> = {},
): ShadowSlot {
  return {
    ...BASE,
    shadowStrategy: "legacy_v0",
    shadowConfigVersion: "version-2",
    ...{ partition, partitions, universe: 10, leftOut: 0 },
    ...{ scored: 10, shadowScored: 10, scoredByBoth: 10, shadowFailed: 0 },
    ...{ listed: 0, shadowListed: 0, candidates: [], shadowCandidates: [] },
    ...known,
  };
}
