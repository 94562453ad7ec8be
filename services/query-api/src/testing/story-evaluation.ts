import type {
  Candidate,
  Contribution,
  Detection,
  Features,
  GateResult,
  Verdict,
} from "@amc/schemas/generated/events";
import { derivedId } from "@amc/streams/kernel/ids";
import type { Stored } from "../read-model/port.ts";
import {
  detectionOf,
  type Evaluated,
  featuresEvent,
  PROVENANCE,
  WEIGHTS,
} from "./story-signals.ts";

export interface Evaluation {
  readonly features: Stored<Features>;
  readonly detections: readonly Stored<Detection>[];
  readonly verdict: Stored<Verdict>;
  readonly candidate: Stored<Candidate> | null;
}

export const THRESHOLDS: readonly (readonly [
  gate: string,
  passing: number | null,
  threshold: number | null,
])[] = [
  ["min_relvol_30", 4.1, 2.5],
  ["min_volume_spike", 4.1, 1.5],
  ["min_atr_pct", 0.071, 0.04],
  ["vwap_reclaim", 23.4, 22.1],
  ["rsi_band", 62.2, 60],
  ["ema_cross", 19.9, 19.1],
  ["float_path", 46_890_000, 75_000_000],
  ["price_range", 23.4, 100],
  ["min_dollar_volume", 88_000_000, 50_000],
  ["momentum_confirmation", null, null],
  ["tradable", null, null],
];

export function evaluation(evaluated: Evaluated): Evaluation {
  const features = featuresEvent(evaluated);
  const detections = WEIGHTS.map(([detector, , score, label]) =>
    detectionOf(features, detector, score, label),
  );
  const verdict = verdictOf(evaluated, features, detections);
  const candidate = verdict.event.passed ? candidateOf(verdict) : null;
  return { features, detections, verdict, candidate };
}

function gatesOf(failing: Readonly<Record<string, number | null>>): GateResult[] {
  return THRESHOLDS.map(([gate, passing, threshold]) => {
    if (gate === "momentum_confirmation") {
      return {
        gate,
        outcome: "NOT_APPLICABLE",
        hard: false,
        value: 0.04,
        threshold: 0,
        margin: null,
        reason: "not-required",
      };
    }
    const value = Object.hasOwn(failing, gate) ? (failing[gate] ?? null) : passing;
    const isFailed = Object.hasOwn(failing, gate);
    const distance =
      value === null || threshold === null ? null : Math.abs(value - threshold) / threshold;
    return {
      gate,
      outcome: isFailed ? "FAILED" : "PASSED",
      hard: true,
      value,
      threshold,
      margin: distance === null ? null : isFailed ? -distance : distance,
      reason: isFailed ? (value === null ? `missing:${gate}` : "below") : null,
    };
  });
}

function contributionsOf(): Contribution[] {
  const present = WEIGHTS.reduce(
    (sum, [, weight, score]) => sum + (score === null ? 0 : weight),
    0,
  );
  return WEIGHTS.map(([detector, weight, score]) => ({
    detector,
    score,
    weight,
    contribution: score === null ? null : (score * weight) / present,
    confidence: score === null ? null : 0.94,
  }));
}

function verdictOf(
  evaluated: Evaluated,
  features: Stored<Features>,
  detections: readonly Stored<Detection>[],
): Stored<Verdict> {
  const failing = evaluated.failing ?? {};
  const gates = gatesOf(failing);
  const firstFailure = gates.find((gate) => gate.outcome === "FAILED")?.gate ?? null;
  const { symbol, happenedAt, publishedAt, capturedAt, simulated, slot, session, tradingDay } =
    features.event;
  const event: Verdict = {
    symbol,
    happenedAt,
    publishedAt,
    capturedAt,
    simulated,
    featuresId: features.id,
    detectionIds: detections.map(({ id }) => id),
    trigger: "SLOT",
    slot,
    session,
    tradingDay,
    ...PROVENANCE,
    price: evaluated.price,
    passed: firstFailure === null,
    label: firstFailure === null ? (evaluated.label ?? "WATCHLIST") : "NONE",
    score: firstFailure === null ? evaluated.score : 0,
    rawScore: evaluated.score,
    confidence: evaluated.confidence,
    firstFailure,
    gates,
    floatPath: "small",
    softFactor: 0.85,
    softPenalties: [{ name: "missing-provider", penalty: 0.15, detail: "options" }],
    contributions: contributionsOf(),
    tags: [],
    evaluable: true,
    priceVolumePassed: firstFailure === null,
    missing: [
      { feature: "callPutRatio", reason: "no-source", have: null, need: null },
      { feature: "borrowFee", reason: "no-source", have: null, need: null },
      { feature: "ivPercentile", reason: "warming-up", have: 12, need: 30 },
    ],
    sharesShort: 71_200_000,
    shortFraction: 1.02,
    daysToCover: 6.1,
    shortPublishedAt: happenedAt - 5 * 86_400_000,
    shortInterestQuality: 0.89,
    volumeSpike: 4.1,
    reasons: [
      "Volume is 4.1 times what is usual by this time of day",
      "102 % of the float is sold short",
      "The price is 3 % above the session's VWAP",
    ],
  };
  return { id: derivedId("verdict", 1, [features.id]), event };
}

function candidateOf(verdict: Stored<Verdict>): Stored<Candidate> {
  const {
    symbol,
    happenedAt,
    publishedAt,
    capturedAt,
    simulated,
    session,
    tradingDay,
    featuresId,
    score,
    confidence,
    label,
    price,
    reasons,
    contributions,
    sharesShort,
    shortFraction,
    daysToCover,
    shortPublishedAt,
    shortInterestQuality,
    volumeSpike,
  } = verdict.event;
  const event: Candidate = {
    tradingDay,
    symbol,
    happenedAt,
    publishedAt,
    capturedAt,
    simulated,
    slot: happenedAt,
    trigger: "SLOT",
    session,
    ...PROVENANCE,
    verdictId: verdict.id,
    featuresId,
    score,
    confidence,
    listed: true,
    label,
    price,
    reasons,
    contributions,
    sharesShort,
    shortFraction,
    daysToCover,
    shortPublishedAt,
    shortInterestQuality,
    volumeSpike,
    squeezeLabel: "STRONG",
    squeezeScore: 0.7375,
  };
  return { id: derivedId("candidate", 1, [verdict.id]), event };
}
