import type { Features, Missing } from "@amc/schemas/generated/events";
import { addUuid, lanesToHex } from "../kernel/ids.ts";
import { hasPersistentFails } from "../short-interest/fails-to-deliver.ts";
import type { FeatureFlag } from "./feature-flags.ts";
import { MissingValues } from "./missing-values.ts";
import { newsSentiment, nextEvent } from "./news-sentiment.ts";
import { type OptionValues, optionValues } from "./option-values.ts";
import type { KnownFigure, ReferenceState } from "./reference-state.ts";
import type { InputRole, UsedFacts } from "./used-facts.ts";

/** Short interest above this many floats is refused as impossible, above one it is only marked. */
const SHORT_FRACTION_MAX = 3;

type Values = Pick<
  Features,
  | "floatShares"
  | "floatPrecision"
  | "sharesOutstanding"
  | "floatRatio"
  | "sharesShort"
  | "shortSettlementDate"
  | "shortPublishedAt"
  | "shortFraction"
  | "daysToCover"
  | "sharesShortChange"
  | "shortVolumeFraction"
  | "failsToDeliverFlag"
  | "thresholdFlag"
  | "borrowFee"
  | "utilisation"
  | "newsSentiment"
  | "newsSources"
  | "newsConfidence"
  | "socialRank"
  | "nextEventDays"
> &
  OptionValues;

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
  readonly adv30: number | null;
  readonly values: ReferenceValues;
}

/** Of states without news and options, whose values do not change with time. */
const remembered = new WeakMap<ReferenceState, Remembered>();

/**
 * What the slow facts say at an instant: float, short interest, borrow, options and news. A state
 * is replaced whole when a fact changes it, so an answer may be remembered with it.
 */
export function referenceValues(
  state: ReferenceState,
  adv30: number | null,
  atMs: number,
): ReferenceValues {
  const timeless = state.news.length === 0 && state.options === null;
  if (!timeless) return readReference(state, adv30, atMs);
  const known = remembered.get(state);
  if (known !== undefined && known.adv30 === adv30) return known.values;
  const values = readReference(state, adv30, atMs);
  remembered.set(state, { adv30, values });
  return values;
}

function readReference(state: ReferenceState, adv30: number | null, atMs: number): ReferenceValues {
  const missing = new MissingValues();
  const used: UsedFacts[] = [];
  const flags: FeatureFlag[] = [];
  const shares = shareCounts(state, missing, used);
  const short = shortValues(state, shares, adv30, missing, used, flags);
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
  return {
    values: { ...shares, ...short, ...options, ...news },
    missing: missing.all,
    used,
    flags,
    usedIds: used.map(idsOf).join("/"),
    publishedAt: Math.max(0, ...facts.map(({ publishedAt }) => publishedAt)),
    capturedAt: Math.max(0, ...facts.map(({ capturedAt }) => capturedAt)),
    simulated: facts.some(({ simulated }) => simulated),
  };
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

function figureUsed(figure: KnownFigure | undefined, role: InputRole, used: UsedFacts[]): void {
  if (figure !== undefined) used.push({ role, topic: "market.reference.v1", facts: [figure] });
}

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
    floatPrecision: known === undefined ? null : isBound ? "bound" : known.precision.toLowerCase(),
    sharesOutstanding: outstanding?.value ?? missing.note("sharesOutstanding", "no-source"),
    floatRatio:
      float === undefined || outstanding === undefined || isBound
        ? missing.note("floatRatio", "float-unknown")
        : float.value / outstanding.value,
  };
}

type ShortValues = Pick<
  Values,
  | "sharesShort"
  | "shortSettlementDate"
  | "shortPublishedAt"
  | "shortFraction"
  | "daysToCover"
  | "sharesShortChange"
  | "shortVolumeFraction"
  | "failsToDeliverFlag"
  | "thresholdFlag"
  | "borrowFee"
  | "utilisation"
>;

function shortValues(
  state: ReferenceState,
  shares: ShareCounts,
  adv30: number | null,
  missing: MissingValues,
  used: UsedFacts[],
  flags: FeatureFlag[],
): ShortValues {
  const { shortInterest: interest, shortVolume, fails, figures } = state;
  if (interest !== null) {
    used.push({ role: "shortInterest", topic: "short.interest.v1", facts: [interest] });
  }
  if (shortVolume !== null) {
    used.push({ role: "shortVolume", topic: "short.volume.v1", facts: [shortVolume] });
  }
  if (fails.length > 0) {
    used.push({ role: "failsToDeliver", topic: "short.fails-to-deliver.v1", facts: fails });
  }
  figureUsed(figures.BORROW_FEE, "borrowFee", used);
  figureUsed(figures.UTILISATION, "utilisation", used);
  figureUsed(figures.SHORT_SALE_THRESHOLD, "thresholdList", used);
  const threshold = figures.SHORT_SALE_THRESHOLD;
  const previous = interest?.previousSharesShort ?? null;
  const usualVolume = interest?.averageDailyVolume ?? adv30;
  return {
    sharesShort: interest?.sharesShort ?? missing.note("sharesShort", "not-published"),
    shortSettlementDate: interest?.settlementDate ?? null,
    shortPublishedAt: interest?.publishedAt ?? null,
    shortFraction: shortFraction(interest?.sharesShort ?? null, shares.floatShares, missing, flags),
    daysToCover:
      interest === null || usualVolume === null || usualVolume === 0
        ? missing.note("daysToCover", "not-published")
        : interest.sharesShort / usualVolume,
    sharesShortChange:
      interest === null || previous === null || previous === 0
        ? missing.note("sharesShortChange", "not-published")
        : interest.sharesShort / previous - 1,
    shortVolumeFraction:
      shortVolume === null || shortVolume.totalVolume === 0
        ? missing.note("shortVolumeFraction", "not-published")
        : shortVolume.shortVolume / shortVolume.totalVolume,
    failsToDeliverFlag:
      hasPersistentFails(bySettlement(fails), shares.sharesOutstanding) ??
      missing.note("failsToDeliverFlag", "not-published"),
    thresholdFlag:
      threshold === undefined ? missing.note("thresholdFlag", "no-source") : threshold.value === 1,
    borrowFee: figures.BORROW_FEE?.value ?? missing.note("borrowFee", "no-source"),
    utilisation: figures.UTILISATION?.value ?? missing.note("utilisation", "no-source"),
  };
}

function bySettlement(fails: ReferenceState["fails"]): ReferenceState["fails"] {
  return [...fails].sort((a, b) => (a.settlementDate < b.settlementDate ? -1 : 1));
}

function shortFraction(
  sharesShort: number | null,
  floatShares: number | null,
  missing: MissingValues,
  flags: FeatureFlag[],
): number | null {
  if (sharesShort === null) return missing.note("shortFraction", "not-published");
  if (floatShares === null || floatShares === 0) {
    return missing.note("shortFraction", "float-unknown");
  }
  const fraction = sharesShort / floatShares;
  if (fraction > SHORT_FRACTION_MAX) return missing.note("shortFraction", "out-of-range");
  if (fraction > 1) flags.push("short-interest-extreme");
  return fraction;
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
  // All that is kept, used or not: one stretch of the log, from which the same items follow.
  if (sentiment !== null || event !== null) {
    used.push({ role: "news", topic: "market.news.v1", facts: news });
  }
  return {
    newsSentiment: sentiment?.value ?? missing.note("newsSentiment", "no-source"),
    newsSources: sentiment?.outlets ?? 0,
    newsConfidence: sentiment?.confidence ?? missing.note("newsConfidence", "no-source"),
    socialRank: missing.note("socialRank", "no-source"),
    nextEventDays: event?.days ?? missing.note("nextEventDays", "no-source"),
  };
}
