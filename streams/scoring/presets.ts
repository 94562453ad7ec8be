import type { Session } from "@amc/schemas/generated/events";
import type { DetectorName } from "../detectors/detector.ts";

/** The detectors that carry weight; vigl_pattern has none in any source and is a tag. */
export const WEIGHTED_DETECTORS = [
  "volume_momentum",
  "squeeze",
  "catalyst_news",
  "options_flow",
  "technicals",
] as const satisfies readonly DetectorName[];

export type WeightedDetector = (typeof WEIGHTED_DETECTORS)[number];

export type Weights = Readonly<Record<WeightedDetector, number>>;

export const PRESET_NAMES = ["balanced_default", "squeeze_aggressive", "catalyst_heavy"] as const;

export type PresetName = (typeof PRESET_NAMES)[number];

export function isPresetName(name: string): name is PresetName {
  return PRESET_NAMES.some((known) => known === name);
}

const BASE: Weights = {
  volume_momentum: 0.35,
  squeeze: 0.25,
  catalyst_news: 0.2,
  options_flow: 0.1,
  technicals: 0.1,
};

/** What a preset lays over the base (domain-facts §4.8). */
const PRESETS: Readonly<Record<PresetName, Partial<Weights>>> = {
  balanced_default: {},
  squeeze_aggressive: { squeeze: 0.35, volume_momentum: 0.3, technicals: 0.05 },
  catalyst_heavy: { catalyst_news: 0.35, volume_momentum: 0.3, squeeze: 0.2, technicals: 0.05 },
};

/** Premarket of the plan; it makes the sum 1.05, hence the division afterwards. */
const PREMARKET: Partial<Weights> = { volume_momentum: 0.45, technicals: 0.05 };

/** Weights in force: base, then preset, then session override, then divided by their sum. */
export function weightsFor(
  preset: PresetName,
  session: Session,
  sessionOverrides: boolean,
): Weights {
  const override = sessionOverrides && session === "PREMARKET" ? PREMARKET : {};
  const laid: Weights = { ...BASE, ...PRESETS[preset], ...override };
  const sum = WEIGHTED_DETECTORS.reduce((total, name) => total + laid[name], 0);
  return {
    volume_momentum: laid.volume_momentum / sum,
    squeeze: laid.squeeze / sum,
    catalyst_news: laid.catalyst_news / sum,
    options_flow: laid.options_flow / sum,
    technicals: laid.technicals / sum,
  };
}
