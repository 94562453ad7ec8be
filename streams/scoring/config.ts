import type { SlotConfig } from "../discovery/slots.ts";
import { PROFILES, type ProfileName } from "../gates/profiles.ts";
import { uuidOf } from "../kernel/ids.ts";
import { DEFAULT_STALENESS, type StalenessLimits } from "../market/shelf-life.ts";
import { DEFAULT_SHORT_INTEREST, type ShortInterestRules } from "../short-interest/rules.ts";
import { type Universe, universeText, WHOLE_UNIVERSE } from "../universe/universe.ts";
import { type PresetName, weightsFor } from "./presets.ts";
import type { StrategyName } from "./strategies/strategy.ts";

/** Everything that decides how a features event is judged and when. */
export interface ScoringConfig {
  readonly strategy: StrategyName;
  /** Scores with `FALLBACK_STRATEGY` where the strategy throws; otherwise the error ends the task. */
  readonly emergencyFallback: boolean;
  readonly profile: ProfileName;
  readonly preset: PresetName;
  /** Thresholds and weights of their own before and after the regular session. */
  readonly sessionOverrides: boolean;
  readonly slots: SlotConfig;
  /** Symbols that a slot evaluates. */
  readonly universe: Universe;
  /** False: no run takes part in an experiment, whatever is planned (R-ABT-11). */
  readonly experiments: boolean;
  /** Strategy that scores every run a second time, without effect (R-ABT-08); null without one. */
  readonly shadow: StrategyName | null;
  /** Candidates that a run lists. */
  readonly maxCandidates: number;
  /** What short interest has to fulfil before it is scored. */
  readonly shortInterest: ShortInterestRules;
  /** Ages from which prices, options and news count less. */
  readonly staleness: StalenessLimits;
}

/** Fallback everywhere, whatever a traffic split names (domain-facts §15). */
export const FALLBACK_STRATEGY: StrategyName = "hybrid_v1";

/** Defaults of the environment (R-ENV-21, 22, 24). */
export const DEFAULT_SCORING: ScoringConfig = {
  strategy: "unified_detectors",
  emergencyFallback: true,
  profile: "strict",
  preset: "balanced_default",
  sessionOverrides: true,
  slots: { discovery: true, everyMinutes: 15, sessions: { premarket: true, afterhours: true } },
  universe: WHOLE_UNIVERSE,
  experiments: true,
  shadow: null,
  maxCandidates: 100,
  shortInterest: DEFAULT_SHORT_INTEREST,
  staleness: DEFAULT_STALENESS,
};

/**
 * Hash of the whole configuration, tables included: a changed threshold or weight is another
 * version even where its name stayed. Whether experiments may run is left out: a run under one is
 * told by the strategy it was given. So is the shadow strategy: no run depends on it.
 */
export function configVersionOf(config: ScoringConfig): string {
  const { strategy, emergencyFallback, profile, preset, sessionOverrides, slots, maxCandidates } =
    config;
  // The whole universe adds nothing: versions of runs from before it could be reduced stay.
  const reduction = config.universe.floorUsd === 0 ? [] : [universeText(config.universe)];
  const rules = shortInterestRules(config.shortInterest);
  const weights = [weightsFor(preset, "REGULAR", false), weightsFor(preset, "PREMARKET", true)];
  return uuidOf(
    JSON.stringify([
      strategy,
      emergencyFallback,
      PROFILES[profile],
      preset,
      weights,
      sessionOverrides,
      slots.discovery,
      slots.everyMinutes,
      slots.sessions.premarket,
      slots.sessions.afterhours,
      maxCandidates,
      ...reduction,
      ...rules,
      ...stalenessRules(config.staleness),
    ]),
  );
}

/** Nor do the rules of the planning documents: versions of runs from before they could be set stay. */
function shortInterestRules(rules: ShortInterestRules): readonly unknown[] {
  const { qualityMin, maxAgeMs, averageVolumeMin, isValidated } = rules;
  const named = [qualityMin, maxAgeMs, averageVolumeMin, isValidated];
  const usual = DEFAULT_SHORT_INTEREST;
  const asDocumented = [
    usual.qualityMin,
    usual.maxAgeMs,
    usual.averageVolumeMin,
    usual.isValidated,
  ];
  return named.every((value, index) => value === asDocumented[index]) ? [] : [named];
}

/** Likewise the ages. */
function stalenessRules({ marketMs, optionsMs, newsMs }: StalenessLimits): readonly unknown[] {
  const usual = DEFAULT_STALENESS;
  const isUsual =
    marketMs === usual.marketMs && optionsMs === usual.optionsMs && newsMs === usual.newsMs;
  return isUsual ? [] : [{ marketMs, optionsMs, newsMs }];
}
