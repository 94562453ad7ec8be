import type {
  Candidate,
  Contribution,
  Exposure,
  GateCount,
  SlotClosed,
  UniverseReduction,
} from "@amc/schemas/generated/events";
import {
  isBoolean,
  isNumber,
  isText,
  listOf,
  nullOr,
  oneOf,
  recordOf,
} from "../kernel/json-shape.ts";

/** What has come of one slot so far: a set of candidates and a set of markers. */
export interface SlotState {
  readonly closed: readonly SlotClosed[];
  readonly candidates: readonly Candidate[];
}

export const EMPTY_SLOT: SlotState = { closed: [], candidates: [] };

/** Slots are keyed so that the order of keys is the order in which runs are made. */
export function slotKey({ slot, trigger }: Pick<SlotClosed, "slot" | "trigger">): string {
  // 16 digits hold every instant a Date can name, so text sorts like the number.
  return `${String(slot).padStart(16, "0")}/${trigger}`;
}

/** The state with a marker; the same state when this partition has closed before. */
export function withClosed(state: SlotState, marker: SlotClosed): SlotState {
  if (state.closed.some(({ partition }) => partition === marker.partition)) return state;
  const closed = [...state.closed, marker].sort((a, b) => a.partition - b.partition);
  return { ...state, closed };
}

/** The state with a candidate; the same state when the symbol has come before. */
export function withCandidate(state: SlotState, candidate: Candidate): SlotState {
  if (state.candidates.some(({ symbol }) => symbol === candidate.symbol)) return state;
  return { ...state, candidates: [...state.candidates, candidate] };
}

/** True when every partition has closed. */
export function isFullyClosed({ closed }: SlotState): boolean {
  const [first] = closed;
  return first !== undefined && closed.length >= first.partitions;
}

/** True when everything that the closed partitions passed has come. */
export function hasAllCandidates({ closed, candidates }: SlotState): boolean {
  return closed.reduce((sum, { passed }) => sum + passed, 0) === candidates.length;
}

const isSession = oneOf("PREMARKET", "REGULAR", "AFTERHOURS", "OVERNIGHT", "CLOSED");
const isTrigger = oneOf("SLOT", "CROSSING", "DAILY", "SLICE");

const isContribution = recordOf<Contribution>({
  detector: isText,
  score: nullOr(isNumber),
  weight: isNumber,
  contribution: nullOr(isNumber),
  confidence: nullOr(isNumber),
});

const isCandidate = recordOf<Candidate>({
  tradingDay: isText,
  symbol: isText,
  happenedAt: isNumber,
  publishedAt: isNumber,
  capturedAt: isNumber,
  simulated: isBoolean,
  slot: isNumber,
  trigger: isTrigger,
  session: isSession,
  strategy: isText,
  profile: isText,
  preset: isText,
  configVersion: isText,
  verdictId: isText,
  featuresId: isText,
  score: isNumber,
  confidence: isNumber,
  listed: isBoolean,
  label: oneOf("NONE", "WATCHLIST", "TRADE_READY"),
  price: nullOr(isNumber),
  reasons: listOf(isText),
  contributions: listOf(isContribution),
  sharesShort: nullOr(isNumber),
  shortFraction: nullOr(isNumber),
  daysToCover: nullOr(isNumber),
  shortPublishedAt: nullOr(isNumber),
  shortInterestQuality: nullOr(isNumber),
  volumeSpike: nullOr(isNumber),
  squeezeLabel: nullOr(isText),
  squeezeScore: nullOr(isNumber),
});

const isExposure = recordOf<Exposure>({ name: isText, bucket: isNumber, subjectHash: isText });

/** State that was stored before there were experiments does not name the field at all. */
function isExposureOrAbsent(value: unknown): value is Exposure | null {
  return value === undefined || value === null || isExposure(value);
}

const isReduction = recordOf<UniverseReduction>({ floorUsd: isNumber, leftOut: isNumber });

/** Nor does state that was stored before a universe could be reduced. */
function isReductionOrAbsent(value: unknown): value is UniverseReduction | null {
  return value === undefined || value === null || isReduction(value);
}

const isSlotClosed = recordOf<SlotClosed>({
  tradingDay: isText,
  slot: isNumber,
  happenedAt: isNumber,
  trigger: isTrigger,
  session: isSession,
  strategy: isText,
  profile: isText,
  preset: isText,
  configVersion: isText,
  partition: isNumber,
  partitions: isNumber,
  universe: isNumber,
  evaluable: isNumber,
  priceVolumePassed: isNumber,
  passed: isNumber,
  listed: isNumber,
  eliminations: listOf(recordOf<GateCount>({ gate: isText, first: isNumber, all: isNumber })),
  publishedAt: isNumber,
  capturedAt: isNumber,
  simulated: isBoolean,
  experiment: isExposureOrAbsent,
  reduction: isReductionOrAbsent,
});

export const isSlotState = recordOf<SlotState>({
  closed: listOf(isSlotClosed),
  candidates: listOf(isCandidate),
});
