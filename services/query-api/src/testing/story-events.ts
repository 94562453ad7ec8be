import type {
  Candidate,
  Contribution,
  Detection,
  Features,
  GateResult,
  Input,
  Recommendation,
  Requested,
  Run,
  Verdict,
} from "@amc/schemas/generated/events";
import { derivedId } from "@amc/streams/kernel/ids";
import { featuresOf, inputOf } from "@amc/streams/testing/features-builder";
import type { Stored } from "../read-model/port.ts";

/** Invented evaluations for the tests of this service; the figures belong to no real day. */

const PROVENANCE = {
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
  readonly label?: Verdict["label"];
}

export interface Evaluation {
  readonly features: Stored<Features>;
  readonly detections: readonly Stored<Detection>[];
  readonly verdict: Stored<Verdict>;
  readonly candidate: Stored<Candidate> | null;
}

const THRESHOLDS: readonly (readonly [
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

const WEIGHTS: readonly (readonly [
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

export function evaluation(evaluated: Evaluated): Evaluation {
  const features = featuresEvent(evaluated);
  const detections = WEIGHTS.map(([detector, , score, label]) =>
    detectionOf(features, detector, score, label),
  );
  const verdict = verdictOf(evaluated, features, detections);
  const candidate = verdict.event.passed ? candidateOf(verdict) : null;
  return { features, detections, verdict, candidate };
}

function featuresEvent({ symbol, slot, price }: Evaluated): Stored<Features> {
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
  const tick = "market.price-tick.v1";
  const minutes = 3 + ((slot / 900_000) % 3);
  const interest = factId("short.interest.v1", symbol, 0);
  return [
    inputOf("sessionTicks", {
      firstId: factId(tick, symbol, 0),
      lastId: factId(tick, symbol, minutes),
      count: minutes + 1,
      publishedAt: slot,
      happenedAt: slot,
    }),
    inputOf("shortInterest", {
      firstId: interest,
      lastId: interest,
      count: 1,
      publishedAt: slot - 5 * 86_400_000,
    }),
  ];
}

function detectionOf(
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
    volumeSpike,
    squeezeLabel: "STRONG",
    squeezeScore: 0.7375,
  };
  return { id: derivedId("candidate", 1, [verdict.id]), event };
}

export function runOf(slot: number, evaluations: readonly Evaluation[]): Stored<Run> {
  const ranked = evaluations
    .flatMap(({ candidate }) => (candidate === null ? [] : [candidate.event]))
    .sort((a, b) => b.score - a.score);
  const gates = THRESHOLDS.map(([gate]) => ({
    gate,
    first: evaluations.filter(({ verdict }) => verdict.event.firstFailure === gate).length,
    all: evaluations.filter(({ verdict }) =>
      verdict.event.gates.some((result) => result.gate === gate && result.outcome === "FAILED"),
    ).length,
  }));
  const passed = evaluations.filter(({ verdict }) => verdict.event.passed).length;
  const runId = derivedId("run", 1, [String(slot)]);
  const event: Run = {
    runId,
    happenedAt: slot,
    publishedAt: slot,
    capturedAt: slot,
    simulated: false,
    tradingDay: "2021-01-13",
    slot,
    trigger: "SLOT",
    session: "REGULAR",
    ...PROVENANCE,
    universe: evaluations.length,
    evaluable: evaluations.length,
    priceVolumePassed: passed,
    passed,
    candidatesBeforeCap: ranked.length,
    candidates: ranked.map(({ symbol, verdictId, score, confidence, label, price }, index) => ({
      rank: index + 1,
      symbol,
      verdictId,
      score,
      confidence,
      label,
      price,
    })),
    eliminations: gates,
    stageCounts: [
      { stage: "universe", in: evaluations.length, out: evaluations.length },
      { stage: "gates", in: evaluations.length, out: passed },
      { stage: "listed", in: passed, out: ranked.length },
    ],
    confidenceBuckets: Array.from({ length: 10 }, (_, index) => ({
      from: index / 10,
      count: ranked.filter(({ confidence }) => Math.floor(confidence * 10) === index).length,
    })),
    healthScore: 0.7,
    healthStatus: "warning",
    healthMessages: ["fewer than 5 candidates"],
  };
  return { id: derivedId("run-event", 1, [runId]), event };
}

export function recommendationOf(
  run: Stored<Run>,
  { verdict }: Evaluation,
  previousLabel: Recommendation["previousLabel"],
): Stored<Recommendation> {
  const {
    symbol,
    happenedAt,
    publishedAt,
    capturedAt,
    simulated,
    session,
    tradingDay,
    label,
    score,
    confidence,
    price,
    featuresId,
    reasons,
    contributions,
    sharesShort,
    shortFraction,
    daysToCover,
    shortPublishedAt,
    volumeSpike,
  } = verdict.event;
  const rank =
    run.event.candidates.find((candidate) => candidate.verdictId === verdict.id)?.rank ?? 1;
  const event: Recommendation = {
    symbol,
    happenedAt,
    publishedAt,
    capturedAt,
    simulated,
    runId: run.event.runId,
    slot: run.event.slot,
    tradingDay,
    session,
    rank,
    label,
    previousLabel,
    score,
    confidence,
    price,
    ...PROVENANCE,
    verdictId: verdict.id,
    featuresId,
    thesis: reasons.join("; "),
    reasons,
    contributions,
    sharesShort,
    shortFraction,
    daysToCover,
    shortPublishedAt,
    volumeSpike,
    squeezeLabel: "STRONG",
    squeezeScore: 0.7375,
  };
  return { id: derivedId("recommendation", 1, [verdict.id, label]), event };
}

export function alertOf({ id, event }: Stored<Recommendation>): Stored<Requested> {
  const { symbol, happenedAt, publishedAt, capturedAt, simulated } = event;
  return {
    id: derivedId("alert", 1, [id]),
    event: {
      symbol,
      happenedAt,
      publishedAt,
      capturedAt,
      simulated,
      alertType: "discovery_event",
      episode: `${symbol}/up/2021-01-13`,
      priority: "HIGH",
      audience: "owner",
      subjectId: id,
      title: `${symbol} is trade ready`,
      message: event.thesis,
    },
  };
}
