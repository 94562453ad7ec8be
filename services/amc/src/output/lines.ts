import type { Recommendation, Requested, Run } from "@amc/schemas/generated/events";
import { leftOutOf } from "@amc/streams/discovery/run";
import { isoUtc } from "@amc/streams/market/event-time";
import { formatEasternTime, formatPrice, formatScore } from "./format.ts";

/** One object per line of `--json`; every one has a `type`. */
export type JsonLine = { readonly type: string } & Readonly<Record<string, unknown>>;

/** The labels as people and scripts read them. */
export function labelOf(label: Recommendation["label"]): string {
  return label.toLowerCase();
}

export function recommendationJson(id: string, value: Recommendation): JsonLine {
  return {
    type: "recommendation",
    id,
    symbol: value.symbol,
    label: labelOf(value.label),
    previousLabel: labelOf(value.previousLabel),
    score: value.score,
    confidence: value.confidence,
    price: value.price,
    happenedAt: isoUtc(value.happenedAt),
    slot: isoUtc(value.slot),
    session: value.session.toLowerCase(),
    strategy: value.strategy,
    profile: value.profile,
    thesis: value.thesis,
    reasons: value.reasons,
    simulated: value.simulated,
  };
}

/** Time, symbol, label, score, confidence, price and the three strongest reasons. */
export function recommendationText(value: Recommendation): string {
  const mark = value.simulated ? " [simulated]" : "";
  const reasons = value.reasons.slice(0, 3).join("; ");
  return (
    `${formatEasternTime(value.happenedAt)}  ${value.symbol.padEnd(6)} ${labelOf(value.label).padEnd(11)} ` +
    `score ${formatScore(value.score)}  confidence ${formatScore(value.confidence)}  ` +
    `${formatPrice(value.price)}  ${reasons}${mark}`
  );
}

export function alertJson(id: string, value: Requested): JsonLine {
  return {
    type: "alert",
    id,
    symbol: value.symbol,
    alertType: value.alertType,
    priority: value.priority.toLowerCase(),
    title: value.title,
    message: value.message,
    subjectId: value.subjectId,
    happenedAt: isoUtc(value.happenedAt),
    simulated: value.simulated,
  };
}

/** The title alone: the reasons stand in the recommendation's line above it. */
export function alertText({ happenedAt, priority, title, simulated }: Requested): string {
  const mark = simulated ? " [simulated]" : "";
  return `${formatEasternTime(happenedAt)}  ALERT (${priority.toLowerCase()})  ${title}${mark}`;
}

export function runJson(value: Run): JsonLine {
  const leftOut = leftOutOf(value);
  return {
    type: "run",
    runId: value.runId,
    slot: isoUtc(value.slot),
    trigger: value.trigger.toLowerCase(),
    session: value.session.toLowerCase(),
    strategy: value.strategy,
    profile: value.profile,
    universe: value.universe,
    ...(leftOut === 0 ? {} : { leftOut }),
    evaluable: value.evaluable,
    priceVolumePassed: value.priceVolumePassed,
    passed: value.passed,
    candidates: value.candidates.length,
    candidatesBeforeCap: value.candidatesBeforeCap,
    eliminations: Object.fromEntries(value.eliminations.map(({ gate, first }) => [gate, first])),
    health: value.healthStatus,
  };
}
