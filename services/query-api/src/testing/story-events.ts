import type { Recommendation, Requested, Run } from "@amc/schemas/generated/events";
import { derivedId } from "@amc/streams/kernel/ids";
import type { Stored } from "../read-model/port.ts";
import { type Evaluation, THRESHOLDS } from "./story-evaluation.ts";
import { PROVENANCE } from "./story-signals.ts";

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
    shortInterestQuality,
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
    shortInterestQuality,
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
