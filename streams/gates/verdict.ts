import type { Detection, Features, GateResult, Verdict } from "@amc/schemas/generated/events";
import { reaches } from "../detectors/components.ts";
import { DETECTOR_NAMES, type DetectorName } from "../detectors/detector.ts";
import { VIGL_HIGH } from "../detectors/vigl-pattern/detect.ts";
import { compositeConfidence, sessionFactor } from "../scoring/confidence.ts";
import { FALLBACK_STRATEGY, type ScoringConfig } from "../scoring/config.ts";
import { labelOf } from "../scoring/labels.ts";
import { weightsFor } from "../scoring/presets.ts";
import { reasonsOf } from "../scoring/reasons.ts";
import type {
  Strategy,
  StrategyInput,
  StrategyName,
  StrategyScore,
} from "../scoring/strategies/strategy.ts";
import { findFloatPath } from "./float-path.ts";
import {
  DAILY_RESOLUTION,
  isEvaluable,
  judgeHardGates,
  PRICE_VOLUME_GATES,
  VWAP_COMPONENT_WEIGHT,
} from "./hard-gates.ts";
import { isNearPass } from "./near-pass.ts";
import { PROFILES, thresholdsFor } from "./profiles.ts";
import { judgeSoftGates } from "./soft-gates.ts";

/** A detection with the id of its event. */
export interface IdentifiedDetection {
  readonly id: string;
  readonly value: Detection;
}

export type DetectionSet = Readonly<Record<DetectorName, IdentifiedDetection>>;

export interface Evaluation {
  readonly featuresId: string;
  readonly features: Features;
  readonly detections: DetectionSet;
}

export interface Judgement {
  readonly config: ScoringConfig;
  readonly configVersion: string;
  readonly strategies: Readonly<Record<StrategyName, Strategy>>;
}

/** All gates and the composite of one evaluation; a function of its arguments alone. */
export function judge(
  { featuresId, features, detections }: Evaluation,
  judgement: Judgement,
): Verdict {
  const { config, configVersion } = judgement;
  const profile = PROFILES[config.profile];
  const thresholds = thresholdsFor(profile, features.session, config.sessionOverrides);
  const floatPath = findFloatPath(features, profile.floatPaths);
  const gates = judgeHardGates(features, thresholds, profile, floatPath);
  const softGates = judgeSoftGates(features);
  const weights = weightsFor(config.preset, features.session, config.sessionOverrides);
  const opinions = opinionsOf(detections);
  const { strategy, scored, fallenBackFrom } = scoreOf(
    { features, opinions, weights, thresholds, staleness: config.staleness },
    judgement,
  );
  const failed = gates.filter(({ outcome }) => outcome === "FAILED");
  const passed = failed.length === 0;
  const score = passed ? (scored.score ?? 0) : 0;
  const labels = strategy.labels ?? profile.labels;
  const evaluable = isEvaluable(features);
  const tags = [
    ...(fallenBackFrom === null ? [] : [`fallback-from:${fallenBackFrom}`]),
    ...(isLikeVigl(detections) ? [`vigl_pattern>=${VIGL_HIGH}`] : []),
    ...(isNearPass(features, gates, profile.softPass) ? ["near-pass"] : []),
  ];
  return {
    ...identityOf(features),
    featuresId,
    detectionIds: DETECTOR_NAMES.map((name) => detections[name].id),
    strategy: strategy.name,
    profile: config.profile,
    preset: config.preset,
    configVersion,
    price: features.price,
    passed,
    label: passed ? labelOf(score, labels) : "NONE",
    score,
    rawScore: scored.score,
    confidence:
      compositeConfidence({
        data: scored.confidence,
        sessionFactor: sessionFactor(features.session),
        softFactor: softGates.factor,
      }) *
      floatPath.confidenceFactor *
      notApplicableFactor(gates),
    firstFailure: failed[0]?.gate ?? null,
    gates,
    floatPath: floatPath.path,
    softFactor: softGates.factor,
    softPenalties: softGates.penalties,
    contributions: scored.contributions,
    tags,
    evaluable,
    priceVolumePassed: evaluable && !failed.some(({ gate }) => PRICE_VOLUME_GATES.has(gate)),
    missing: missingOf(features, detections),
    sharesShort: features.sharesShort,
    shortFraction: features.shortFraction,
    daysToCover: features.daysToCover,
    shortPublishedAt: features.shortPublishedAt,
    shortInterestQuality: features.shortInterestQuality,
    volumeSpike: features.volumeSpike,
    reasons: reasonsOf(features, scored.strengths),
  };
}

interface Scored {
  readonly strategy: Strategy;
  readonly scored: StrategyScore;
  readonly fallenBackFrom: StrategyName | null;
}

/** R-DIS-04: where the strategy throws, candidates still come, from the fallback and marked so. */
function scoreOf(input: StrategyInput, { config, strategies }: Judgement): Scored {
  const strategy = strategies[config.strategy];
  if (!config.emergencyFallback || config.strategy === FALLBACK_STRATEGY) {
    return { strategy, scored: strategy.evaluate(input), fallenBackFrom: null };
  }
  try {
    return { strategy, scored: strategy.evaluate(input), fallenBackFrom: null };
  } catch {
    // The mark in the verdict and the count of marked verdicts are what operators watch.
    const fallback = strategies[FALLBACK_STRATEGY];
    return {
      strategy: fallback,
      scored: fallback.evaluate(input),
      fallenBackFrom: config.strategy,
    };
  }
}

function opinionsOf(detections: DetectionSet): StrategyInput["opinions"] {
  return {
    volume_momentum: detections.volume_momentum.value,
    squeeze: detections.squeeze.value,
    catalyst_news: detections.catalyst_news.value,
    options_flow: detections.options_flow.value,
    technicals: detections.technicals.value,
    vigl_pattern: detections.vigl_pattern.value,
  };
}

function identityOf(features: Features) {
  const {
    symbol,
    happenedAt,
    publishedAt,
    capturedAt,
    simulated,
    trigger,
    slot,
    session,
    tradingDay,
  } = features;
  return {
    symbol,
    happenedAt,
    publishedAt,
    capturedAt,
    simulated,
    trigger,
    slot,
    session,
    tradingDay,
  };
}

/** A gate that the source cannot answer costs the weight of the component it belongs to. */
function notApplicableFactor(gates: readonly GateResult[]): number {
  return gates.some(({ reason }) => reason === DAILY_RESOLUTION) ? 1 - VWAP_COMPONENT_WEIGHT : 1;
}

/** The mark needs the volume: likeness in price and float alone is common. */
function isLikeVigl({ vigl_pattern: { value } }: DetectionSet): boolean {
  const volume = value.components.find(({ name }) => name === "volume")?.value ?? null;
  return value.score !== null && volume !== null && reaches(value.score, VIGL_HIGH);
}

function missingOf(features: Features, detections: DetectionSet): Verdict["missing"] {
  const names = new Set(DETECTOR_NAMES.flatMap((name) => detections[name].value.missing));
  return features.missing.filter(({ feature }) => names.has(feature));
}
