import type { Features, Missing } from "@amc/schemas/generated/events";
import { addUuid, lanesToHex } from "../kernel/ids.ts";
import type { ShortInterestRules } from "../short-interest/rules.ts";
import type { DailyIndicators } from "./daily-indicators.ts";
import type { FeatureFlag } from "./feature-flags.ts";
import { judgedShortInterest } from "./judged-short-interest.ts";
import { MissingValues } from "./missing-values.ts";
import { newsSentiment, nextEvent, whyNoSentiment } from "./news-sentiment.ts";
import { type OptionValues, optionValues } from "./option-values.ts";
import type { ReferenceState } from "./reference-state.ts";
import { type ShortValues, shortValues } from "./short-values.ts";
import { figureUsed, type UsedFacts } from "./used-facts.ts";

type Values = Pick<
  Features,
  | "floatShares"
  | "floatPrecision"
  | "sharesOutstanding"
  | "floatRatio"
  | "newsSentiment"
  | "newsSources"
  | "newsConfidence"
  | "socialRank"
  | "nextEventDays"
> &
  ShortValues &
  OptionValues;

/** The usual volume, and of how many sessions it is or will be the mean. */
type UsualVolume = Pick<DailyIndicators, "adv30" | "sessions">;

export interface ReferenceValues {
  readonly values: Values;
  /** The nulls of `values` and why. */
  readonly missing: readonly Missing[];
  readonly used: readonly UsedFacts[];
  readonly flags: readonly FeatureFlag[];
  /** Ids of the used facts, joined; of a year of volatilities their sum. */
  readonly usedIds: string;
  /** Over the used facts: newest publication and capture, and whether any is simulated. */
  readonly publishedAt: number;
  readonly capturedAt: number;
  readonly simulated: boolean;
}

interface Remembered {
  readonly usual: UsualVolume;
  readonly values: ReferenceValues;
  /** UTC ms. */
  readonly holdsUntil: number;
}

/** Of states without news and options, whose values change with time only as short interest ages. */
const remembered = new WeakMap<ReferenceState, Remembered>();

/**
 * What the slow facts say at an instant: float, short interest, borrow, options and news. A state
 * is replaced whole when a fact changes it, so an answer may be remembered with it.
 */
export function referenceValues(
  state: ReferenceState,
  usual: UsualVolume,
  rules: ShortInterestRules,
  atMs: number,
): ReferenceValues {
  const timeless = state.news.length === 0 && state.options === null;
  if (!timeless) return readReference(state, usual, rules, atMs).values;
  const known = remembered.get(state);
  const { adv30, sessions } = usual;
  if (
    known?.usual.adv30 === adv30 &&
    known.usual.sessions === sessions &&
    atMs < known.holdsUntil
  ) {
    return known.values;
  }
  const read = readReference(state, usual, rules, atMs);
  remembered.set(state, { usual: { adv30, sessions }, ...read });
  return read.values;
}

function readReference(
  state: ReferenceState,
  usual: UsualVolume,
  rules: ShortInterestRules,
  atMs: number,
): Omit<Remembered, "usual"> {
  const missing = new MissingValues();
  const used: UsedFacts[] = [];
  const flags: FeatureFlag[] = [];
  const shares = shareCounts(state, missing, used);
  const judged = judgedShortInterest(state, { ...shares, adv30: usual.adv30 }, rules, atMs);
  const short = shortValues(state, judged, shares, usual, missing, used, flags);
  const options = optionValues(state, atMs, missing, used, flags);
  const news = newsValues(state, atMs, missing, used);
  const splits = state.splits.filter(({ applied }) => applied);
  if (splits.length > 0) {
    const facts = splits.reverse();
    used.push({ role: "corporateActions", topic: "market.corporate-action.v1", facts });
  }
  if (state.halt !== null) {
    used.push({ role: "halts", topic: "market.halt.v1", facts: [state.halt] });
  }
  const facts = used.flatMap((one) => one.facts);
  const values = {
    values: { ...shares, ...short, ...options, ...news },
    missing: missing.all,
    used,
    flags,
    usedIds: used.map(idsOf).join("/"),
    publishedAt: Math.max(0, ...facts.map(({ publishedAt }) => publishedAt)),
    capturedAt: Math.max(0, ...facts.map(({ capturedAt }) => capturedAt)),
    simulated: facts.some(({ simulated }) => simulated),
  };
  return { values, holdsUntil: judged?.holdsUntil ?? Number.POSITIVE_INFINITY };
}

/** Of lists that change once a day and would be long to name fact by fact in every slice. */
const sums = new WeakMap<UsedFacts["facts"], string>();

function idsOf({ role, facts }: UsedFacts): string {
  if (role !== "volatilityHistory") return facts.map(({ id }) => id).join("/");
  let sum = sums.get(facts);
  if (sum === undefined) {
    const lanes = new Uint32Array(4);
    for (const { id } of facts) addUuid(lanes, id);
    sum = lanesToHex(lanes);
    sums.set(facts, sum);
  }
  return sum;
}

type ShareCounts = Pick<
  Values,
  "floatShares" | "floatPrecision" | "sharesOutstanding" | "floatRatio"
>;

/** Float, or shares outstanding as its upper bound (domain-facts §0, "Float"). */
function shareCounts(
  state: ReferenceState,
  missing: MissingValues,
  used: UsedFacts[],
): ShareCounts {
  const float = state.figures.FLOAT_SHARES;
  const outstanding = state.figures.SHARES_OUTSTANDING;
  figureUsed(float, "floatShares", used);
  figureUsed(outstanding, "sharesOutstanding", used);
  const known = float ?? outstanding;
  const isBound = float === undefined || float.precision === "BOUND";
  return {
    floatShares: known?.value ?? missing.note("floatShares", "no-source"),
    floatPrecision:
      known === undefined
        ? missing.note("floatPrecision", "no-source")
        : isBound
          ? "bound"
          : known.precision.toLowerCase(),
    sharesOutstanding: outstanding?.value ?? missing.note("sharesOutstanding", "no-source"),
    floatRatio: floatRatio(isBound ? null : float.value, outstanding?.value ?? null, missing),
  };
}

/** Over shares outstanding; a bound of the float bounds no ratio. */
function floatRatio(
  floatShares: number | null,
  outstanding: number | null,
  missing: MissingValues,
): number | null {
  if (floatShares === null) return missing.note("floatRatio", "float-unknown");
  if (outstanding === null) return missing.note("floatRatio", "no-source");
  return missing.ratio("floatRatio", floatShares, outstanding);
}

type NewsValues = Pick<
  Values,
  "newsSentiment" | "newsSources" | "newsConfidence" | "socialRank" | "nextEventDays"
>;

function newsValues(
  { news }: ReferenceState,
  atMs: number,
  missing: MissingValues,
  used: UsedFacts[],
): NewsValues {
  const sentiment = newsSentiment(news, atMs);
  const event = nextEvent(news, atMs);
  const unfelt = sentiment === null ? whyNoSentiment(news) : null;
  // All that is kept, used or not: one stretch of the log, from which the same items follow, also
  // those that say only that there is nothing newer.
  if (sentiment !== null || event !== null || unfelt === "stale") {
    used.push({ role: "news", topic: "market.news.v1", facts: news });
  }
  return {
    newsSentiment: sentiment?.value ?? missing.note("newsSentiment", unfelt ?? "no-source"),
    newsSources: sentiment?.outlets ?? 0,
    newsConfidence: sentiment?.confidence ?? missing.note("newsConfidence", unfelt ?? "no-source"),
    socialRank: missing.note("socialRank", "no-source"),
    nextEventDays: event?.days ?? missing.note("nextEventDays", "no-source"),
  };
}
