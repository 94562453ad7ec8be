import type { Features, Missing } from "@amc/schemas/generated/events";
import type { TopicName } from "@amc/schemas/topics";
import { newYorkToUtc } from "../market/event-time.ts";
import { impliedVolatilityOfCall, snapshotConfidence } from "../market/options.ts";
import { hasPersistentFails } from "../short-interest/fails-to-deliver.ts";
import { MissingValues } from "./missing-values.ts";
import { newsSentiment, nextEvent } from "./news-sentiment.ts";
import type { KnownFigure, KnownOptions, Provenance, ReferenceState } from "./reference-state.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Short interest above this many floats is refused as impossible, above one it is only marked. */
const SHORT_FRACTION_MAX = 3;

/** Facts that entered, by the role they played. */
export interface UsedFacts {
  readonly role: string;
  readonly topic: TopicName;
  /** Newest first. */
  readonly facts: readonly Provenance[];
}

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
  | "atmIv"
  | "ivPercentile"
  | "callPutRatio"
  | "gammaWallStrike"
  | "optionsVolumeRatio"
  | "optionsConfidence"
  | "newsSentiment"
  | "newsSources"
  | "newsConfidence"
  | "socialRank"
  | "nextEventDays"
>;

export interface ReferenceValues {
  readonly values: Values;
  /** The nulls of `values` and why. */
  readonly missing: readonly Missing[];
  readonly used: readonly UsedFacts[];
  readonly flags: readonly string[];
  /** Ids of the used facts, joined. */
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
  const flags: string[] = [];
  const shares = shareCounts(state, missing, used);
  const short = shortValues(state, shares, adv30, missing, used, flags);
  const options = optionValues(state.options, atMs, missing, used);
  const news = newsValues(state, atMs, missing, used);
  const splits = state.splits.filter(({ applied }) => applied);
  if (splits.length > 0) {
    const facts = splits.reverse();
    used.push({ role: "corporateActions", topic: "market.corporate-action.v1", facts });
  }
  if (state.halted !== null) {
    used.push({ role: "halts", topic: "market.halt.v1", facts: [state.halted] });
  }
  const facts = used.flatMap((one) => one.facts);
  return {
    values: { ...shares, ...short, ...options, ...news },
    missing: missing.all,
    used,
    flags,
    usedIds: facts.map(({ id }) => id).join("/"),
    publishedAt: Math.max(0, ...facts.map(({ publishedAt }) => publishedAt)),
    capturedAt: Math.max(0, ...facts.map(({ capturedAt }) => capturedAt)),
    simulated: facts.some(({ simulated }) => simulated),
  };
}

type ShareCounts = Pick<
  Values,
  "floatShares" | "floatPrecision" | "sharesOutstanding" | "floatRatio"
>;

function figureUsed(figure: KnownFigure | undefined, role: string, used: UsedFacts[]): void {
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
  flags: string[],
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
  flags: string[],
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

type OptionValues = Pick<
  Values,
  | "atmIv"
  | "ivPercentile"
  | "callPutRatio"
  | "gammaWallStrike"
  | "optionsVolumeRatio"
  | "optionsConfidence"
>;

function optionValues(
  known: KnownOptions | null,
  atMs: number,
  missing: MissingValues,
  used: UsedFacts[],
): OptionValues {
  const absent = (feature: string): null => missing.note(feature, "no-source");
  if (known === null) {
    return {
      atmIv: absent("atmIv"),
      ivPercentile: absent("ivPercentile"),
      callPutRatio: absent("callPutRatio"),
      gammaWallStrike: absent("gammaWallStrike"),
      optionsVolumeRatio: absent("optionsVolumeRatio"),
      optionsConfidence: absent("optionsConfidence"),
    };
  }
  used.push({ role: "options", topic: "market.options.v1", facts: [known] });
  const { snapshot } = known;
  const { callVolume, putVolume } = snapshot;
  return {
    atmIv: atTheMoneyVolatility(known) ?? absent("atmIv"),
    ivPercentile: snapshot.ivPercentile ?? absent("ivPercentile"),
    callPutRatio:
      callVolume === null || putVolume === null || putVolume === 0
        ? absent("callPutRatio")
        : callVolume / putVolume,
    gammaWallStrike: snapshot.gammaWallStrike ?? absent("gammaWallStrike"),
    optionsVolumeRatio: snapshot.volumeRatio ?? absent("optionsVolumeRatio"),
    optionsConfidence: quoteConfidence(known, atMs) ?? absent("optionsConfidence"),
  };
}

/** Volatility that the mid of the at-the-money call implies; null without a usable quote. */
function atTheMoneyVolatility({ snapshot, happenedAt }: KnownOptions): number | null {
  const { underlyingPrice, strike, expiry, callBid, callAsk } = snapshot;
  if (underlyingPrice === null || callBid === null || callAsk === null) return null;
  if (!(callBid > 0) || !(callAsk >= callBid)) return null;
  // Old monthly options expire on a Saturday, so the close is that of the date, not of a session.
  const days = (newYorkToUtc(expiry, "16:00") - happenedAt) / DAY_MS;
  return impliedVolatilityOfCall((callBid + callAsk) / 2, underlyingPrice, strike, days);
}

function quoteConfidence({ snapshot, happenedAt }: KnownOptions, atMs: number): number | null {
  const { callBid, callAsk, putBid, putAsk } = snapshot;
  if (callBid === null || callAsk === null || putBid === null || putAsk === null) return null;
  const quotes = [
    { bid: callBid, ask: callAsk },
    { bid: putBid, ask: putAsk },
  ];
  return snapshotConfidence(quotes, (atMs - happenedAt) / HOUR_MS);
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
