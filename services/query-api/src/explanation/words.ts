import type {
  Contribution,
  Detection,
  Label,
  Recommendation,
  Verdict,
} from "@amc/schemas/generated/events";
import { gateSentence, humanised } from "./gate-words.ts";
import { featureTitle, missingSentence } from "./missing-words.ts";
import { easternTime, written } from "./quantities.ts";

/** An explanation as sentences, in the order a trader would ask. */
export interface Words {
  readonly headline: string;
  readonly why: readonly string[];
  readonly contributions: readonly string[];
  readonly gates: readonly string[];
  readonly confidence: readonly string[];
  readonly missing: readonly string[];
  readonly basis: string;
}

export function explainInWords(
  recommendation: Recommendation,
  verdict: Verdict | null,
  detections: readonly Detection[],
): Words {
  return {
    headline: headline(recommendation),
    why: recommendation.reasons,
    contributions: recommendation.contributions.map((part) =>
      contributionSentence(part, detections),
    ),
    gates: verdict === null ? [] : verdict.gates.map(gateSentence),
    confidence: confidenceSentences(recommendation, verdict),
    missing: verdict === null ? [] : verdict.missing.map(missingSentence),
    basis: basisSentence(recommendation),
  };
}

function headline({ symbol, label, happenedAt, price, score, confidence }: Recommendation): string {
  const at = price === null ? "" : ` at ${written(price, "dollars")}`;
  return (
    `${symbol} reached ${labelInWords(label)}${at}, ${easternTime(happenedAt)}: ` +
    `score ${score.toFixed(2)}, confidence ${written(confidence, "percent")}.`
  );
}

export function labelInWords(label: Label): string {
  switch (label) {
    case "TRADE_READY":
      return "trade ready";
    case "WATCHLIST":
      return "the watchlist";
    case "NONE":
      return "no label";
  }
}

function contributionSentence(part: Contribution, detections: readonly Detection[]): string {
  const title = humanised(part.detector);
  const share = written(part.weight, "percent");
  const detection = detections.find((candidate) => candidate.detector === part.detector);
  if (part.score === null || part.contribution === null) {
    const needs =
      detection === undefined || detection.missing.length === 0
        ? ""
        : `: it lacks ${detection.missing.map(featureTitle).join(", ")}`;
    return `${title} said nothing${needs}. Its ${share} of the weight went to the others and confidence is lower for it.`;
  }
  const label = detection?.label == null ? "" : ` (${detection.label.toLowerCase()})`;
  return `${title} scored ${part.score.toFixed(2)}${label} and adds ${part.contribution.toFixed(2)} to the score; its weight is ${share}.`;
}

function confidenceSentences(recommendation: Recommendation, verdict: Verdict | null): string[] {
  const sentences = [`Confidence is ${written(recommendation.confidence, "percent")}.`];
  for (const { name, penalty, detail } of verdict?.softPenalties ?? []) {
    sentences.push(`${humanised(name)} took ${written(penalty, "percent")} off: ${detail}.`);
  }
  return sentences;
}

function basisSentence({
  strategy,
  profile,
  preset,
  publishedAt,
  simulated,
}: Recommendation): string {
  const origin = simulated ? " Some of its inputs are simulated." : "";
  return (
    `Strategy ${strategy}, profile ${profile}, preset ${preset}; ` +
    `nothing published after ${easternTime(publishedAt)} was used.${origin}`
  );
}
