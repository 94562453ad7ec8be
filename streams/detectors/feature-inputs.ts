import type { Features, Input } from "@amc/schemas/generated/events";
import { freshnessFactor, type StalenessLimits, shelfLifeOf } from "../market/shelf-life.ts";

/** Features that may be null because their inputs are missing. */
export type FeatureName = {
  [Key in keyof Features]: null extends Features[Key] ? Key : never;
}[keyof Features];

/** Weight of a provider nobody knows (domain-facts §6). */
const UNKNOWN_PROVIDER_WEIGHT = 0.5;

type RoleChoice = readonly string[];

const MARKET: RoleChoice = ["sessionTicks", "dailyBars"];
const DAILY: readonly RoleChoice[] = [["dailyBars"]];
const SESSION: readonly RoleChoice[] = [["sessionTicks"]];
const VOLUME_RATIO: readonly RoleChoice[] = [MARKET, ["dailyBars"]];
/** A bound of the float comes from shares outstanding. */
const FLOAT: RoleChoice = ["floatShares", "sharesOutstanding"];
const OPTIONS: readonly RoleChoice[] = [["options"]];
const NEWS: readonly RoleChoice[] = [["news"]];

/** Per feature the roles it is computed from; of each choice the first role present counts. */
const ROLES_OF_FEATURE: { readonly [Name in FeatureName]?: readonly RoleChoice[] } = {
  price: [MARKET],
  vwap: SESSION,
  relvol30: VOLUME_RATIO,
  relvol5: VOLUME_RATIO,
  volumeSpike: VOLUME_RATIO,
  atrPct: DAILY,
  rsi14: DAILY,
  ema9: DAILY,
  ema20: DAILY,
  uptrendDays: DAILY,
  priceChange5d: DAILY,
  high20: DAILY,
  floatShares: [FLOAT],
  floatRatio: [["floatShares"], ["sharesOutstanding"]],
  shortFraction: [["shortInterest"], FLOAT],
  daysToCover: [["shortInterest"]],
  shortVolumeFraction: [["shortVolume"]],
  failsToDeliverFlag: [["failsToDeliver"]],
  thresholdFlag: [["thresholdList"]],
  borrowFee: [["borrowFee"]],
  utilisation: [["utilisation"]],
  atmIv: OPTIONS,
  ivPercentile: OPTIONS,
  callPutRatio: OPTIONS,
  gammaWallStrike: OPTIONS,
  optionsVolumeRatio: OPTIONS,
  newsSentiment: NEWS,
  socialRank: NEWS,
  nextEventDays: NEWS,
};

/** What the inputs behind a set of features are worth. */
export interface InputQuality {
  /** Minimum over the inputs of data confidence x provider weight x freshness, 0 to 1. */
  readonly confidence: number;
  /** Vendors, sorted, each once. */
  readonly sources: readonly string[];
  readonly roles: readonly string[];
}

/** Roles of which a detector charges an age or a doubt itself, so that nothing is charged twice. */
interface ChargedElsewhere {
  readonly freshnessOf?: string;
  readonly dataOf?: string;
}

/** Quality of the inputs that entered through `used` features. */
export function inputQuality(
  features: Features,
  used: readonly FeatureName[],
  staleness: StalenessLimits,
  charged: ChargedElsewhere = {},
): InputQuality {
  let confidence = 1;
  const sources = new Set<string>();
  const roles = new Set<string>();
  for (const name of used) {
    for (const choice of ROLES_OF_FEATURE[name] ?? []) {
      const input = firstInput(features, choice);
      if (input === undefined) {
        confidence = Math.min(confidence, UNKNOWN_PROVIDER_WEIGHT);
        continue;
      }
      sources.add(input.source);
      if (roles.has(input.role)) continue;
      roles.add(input.role);
      const fresh =
        input.role === charged.freshnessOf ? 1 : freshnessOf(input, features, staleness);
      const weight = input.role === charged.dataOf ? input.confidence : weightOf(input, features);
      confidence = Math.min(confidence, weight * fresh);
    }
  }
  return { confidence, sources: [...sources].sort(), roles: [...roles] };
}

function firstInput(features: Features, choice: RoleChoice): Input | undefined {
  for (const role of choice) {
    const input = features.inputs.find((candidate) => candidate.role === role);
    if (input !== undefined) return input;
  }
  return undefined;
}

function freshnessOf(input: Input, features: Features, staleness: StalenessLimits): number {
  const shelf = shelfLifeOf(shelfOf(input.role, features), staleness);
  if (shelf === undefined) return 1;
  return freshnessFactor(features.happenedAt - input[shelf.from], shelf.maxAgeMs);
}

/** Where a symbol has nothing but daily bars, the running day's is one of them. */
function shelfOf(role: string, { intraday }: Features): string {
  return role === "sessionTicks" && !intraday ? "dailyBars" : role;
}

/** Data confidence x provider weight; figures that state no confidence of their own have 1. */
function weightOf({ role, confidence }: Input, features: Features): number {
  if (role === "options")
    return confidence * (features.optionsConfidence ?? UNKNOWN_PROVIDER_WEIGHT);
  if (role === "news") {
    // The confidence of the consensus holds its vendors' weights already; several outlets that
    // confirm each other add 15 % (domain-facts §4.4).
    const stated = features.newsConfidence ?? confidence;
    return Math.min(1, features.newsSources >= 2 ? stated * 1.15 : stated);
  }
  return confidence;
}
