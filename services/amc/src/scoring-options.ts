import { effectiveDiscovery } from "@amc/platform/config/load-config";
import { stalenessLimits } from "@amc/platform/config/staleness-limits";
import type { Variables } from "@amc/platform/config/variables";
import { isProfileName } from "@amc/streams/gates/profiles";
import { DAY_MS } from "@amc/streams/market/calendar-date";
import type { ScoringConfig } from "@amc/streams/scoring/config";
import { isPresetName } from "@amc/streams/scoring/presets";
import { isStrategyName } from "@amc/streams/scoring/strategies/strategy";
import type { ShortInterestRules } from "@amc/streams/short-interest/rules";
import { WHOLE_UNIVERSE } from "@amc/streams/universe/universe";
import type { CommandWords, OptionSpec } from "./command.ts";
import { CommandError, EXIT } from "./exit-codes.ts";

/** Options with which a command departs from the configured scoring. */
export const SCORING_OPTIONS = {
  profile: { type: "string", value: "<name>", doc: "gate thresholds: strict, active or proposed" },
  strategy: {
    type: "string",
    value: "<name>",
    doc: "unified_detectors, hybrid_v1 or legacy_v0",
  },
  preset: {
    type: "string",
    value: "<name>",
    doc: "weights: balanced_default, squeeze_aggressive or catalyst_heavy",
  },
} as const satisfies Record<string, OptionSpec>;

/** The same of commands that process: shadowing shows in what they tell. */
export const SHADOW_OPTION = {
  shadow: {
    type: "string",
    value: "<name>",
    doc: "strategy to compare every run with, without effect; SHADOW_STRATEGY by default where SHADOW_TESTING_ENABLED is true",
  },
} as const satisfies Record<string, OptionSpec>;

/** What the environment configures. */
export function configuredScoring(variables: Variables): ScoringConfig {
  const { frequencyMinutes, maxCandidates } = effectiveDiscovery(variables);
  return {
    strategy: variables.SCORING_STRATEGY,
    emergencyFallback: variables.EMERGENCY_FALLBACK_ENABLED,
    profile: variables.SCORING_PROFILE,
    preset: variables.SCORING_PRESET,
    sessionOverrides: variables.SESSION_THRESHOLD_OVERRIDES,
    slots: {
      discovery: variables.DISCOVERY_PIPELINE_ENABLED,
      everyMinutes: frequencyMinutes,
      sessions: {
        premarket: variables.PREMARKET_DISCOVERY_ENABLED,
        afterhours: variables.AFTERHOURS_DISCOVERY_ENABLED,
      },
    },
    universe: WHOLE_UNIVERSE,
    experiments: variables.AB_TESTING_ENABLED,
    shadow: configuredShadow(variables, variables.SCORING_STRATEGY),
    maxCandidates,
    shortInterest: shortInterestRules(variables),
    staleness: stalenessLimits(variables),
  };
}

function configuredShadow(
  variables: Variables,
  strategy: ScoringConfig["strategy"],
): ScoringConfig["shadow"] {
  if (!variables.SHADOW_TESTING_ENABLED) return null;
  return variables.SHADOW_STRATEGY ?? otherArm(strategy);
}

/** Of the rollout: the new strategy beside the old, or the reverse. */
function otherArm(strategy: ScoringConfig["strategy"]): ScoringConfig["strategy"] {
  return strategy === "unified_detectors" ? "legacy_v0" : "unified_detectors";
}

function shortInterestRules(variables: Variables): ShortInterestRules {
  return {
    qualityMin: variables.SHORT_INTEREST_QUALITY_THRESHOLD,
    maxAgeMs: variables.SHORT_INTEREST_MAX_AGE_DAYS * DAY_MS,
    averageVolumeMin: variables.SHORT_INTEREST_MIN_VOLUME_FILTER,
    isValidated: variables.ENABLE_SHORT_INTEREST_VALIDATION,
    alertsOnJumps: variables.ALERT_ON_SHORT_INTEREST_ANOMALIES,
  };
}

/** The configured scoring with what the command line says. */
export function scoringOf(words: CommandWords, variables: Variables): ScoringConfig {
  const scoring = scoringWithoutShadow(words, variables);
  const { strategy } = scoring;
  // Which is the other arm is known only now: a default never is the strategy itself.
  const shadow = words.text("shadow") ?? configuredShadow(variables, strategy);
  if (shadow === null) return scoring;
  if (!isStrategyName(shadow)) throw unknown("shadow", SCORING_OPTIONS.strategy.doc);
  if (shadow === strategy) {
    throw new CommandError(
      EXIT.usage,
      `the shadow strategy is ${strategy} itself: name another with --shadow or SHADOW_STRATEGY, or leave SHADOW_TESTING_ENABLED out`,
    );
  }
  return { ...scoring, shadow };
}

/** The same for commands that tell nothing of a comparison, and so make none. */
export function scoringWithoutShadow(words: CommandWords, variables: Variables): ScoringConfig {
  const configured = configuredScoring(variables);
  const profile = words.text("profile") ?? configured.profile;
  const strategy = words.text("strategy") ?? configured.strategy;
  const preset = words.text("preset") ?? configured.preset;
  if (!isProfileName(profile)) throw unknown("profile", SCORING_OPTIONS.profile.doc);
  if (!isStrategyName(strategy)) throw unknown("strategy", SCORING_OPTIONS.strategy.doc);
  if (!isPresetName(preset)) throw unknown("preset", SCORING_OPTIONS.preset.doc);
  return { ...configured, profile, strategy, preset, shadow: null };
}

function unknown(option: string, doc: string): CommandError {
  return new CommandError(EXIT.usage, `--${option} takes one of these: ${doc}`);
}
