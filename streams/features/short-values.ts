import type { Features } from "@amc/schemas/generated/events";
import { hasPersistentFails } from "../short-interest/fails-to-deliver.ts";
import { ADV_SESSIONS, type DailyIndicators } from "./daily-indicators.ts";
import type { FeatureFlag } from "./feature-flags.ts";
import type { JudgedShortInterest } from "./judged-short-interest.ts";
import type { MissingValues } from "./missing-values.ts";
import type { KnownShortInterest, ReferenceState } from "./reference-state.ts";
import { figureUsed, type UsedFacts } from "./used-facts.ts";

/** Short interest above this many floats is refused as impossible, above one it is only marked. */
const SHORT_FRACTION_MAX = 3;

export type ShortValues = Pick<
  Features,
  | "sharesShort"
  | "shortSettlementDate"
  | "shortPublishedAt"
  | "shortInterestQuality"
  | "shortFraction"
  | "daysToCover"
  | "sharesShortChange"
  | "shortVolumeFraction"
  | "failsToDeliverFlag"
  | "thresholdFlag"
  | "borrowFee"
  | "utilisation"
>;

/**
 * What is published about shares sold short, lent and not delivered, against share counts and volume.
 * A report that the judgement excludes is shown, and its measures are null with the reason: they are
 * what is scored.
 */
export function shortValues(
  state: ReferenceState,
  judged: JudgedShortInterest | null,
  shares: Pick<Features, "floatShares" | "sharesOutstanding">,
  usual: Pick<DailyIndicators, "adv30" | "sessions">,
  missing: MissingValues,
  used: UsedFacts[],
  flags: FeatureFlag[],
): ShortValues {
  const { shortVolume, figures } = state;
  const interest = judged?.report ?? null;
  shortFactsUsed(state, judged, used);
  const threshold = figures.SHORT_SALE_THRESHOLD;
  const notPublished = (feature: string): null => missing.note(feature, "not-published");
  return {
    sharesShort: interest?.sharesShort ?? notPublished("sharesShort"),
    shortSettlementDate: interest?.settlementDate ?? notPublished("shortSettlementDate"),
    shortPublishedAt: interest?.publishedAt ?? notPublished("shortPublishedAt"),
    shortInterestQuality: judged?.quality ?? notPublished("shortInterestQuality"),
    ...scoredMeasures(judged, shares.floatShares, usual, missing, flags),
    sharesShortChange:
      interest === null ? notPublished("sharesShortChange") : sharesShortChange(interest, missing),
    shortVolumeFraction:
      shortVolume === null
        ? notPublished("shortVolumeFraction")
        : missing.ratio("shortVolumeFraction", shortVolume.shortVolume, shortVolume.totalVolume),
    failsToDeliverFlag: failsToDeliverFlag(state, shares.sharesOutstanding, missing),
    thresholdFlag:
      threshold === undefined ? missing.note("thresholdFlag", "no-source") : threshold.value === 1,
    borrowFee: figures.BORROW_FEE?.value ?? missing.note("borrowFee", "no-source"),
    utilisation: figures.UTILISATION?.value ?? missing.note("utilisation", "no-source"),
  };
}

function scoredMeasures(
  judged: JudgedShortInterest | null,
  floatShares: number | null,
  usual: Pick<DailyIndicators, "adv30" | "sessions">,
  missing: MissingValues,
  flags: FeatureFlag[],
): Pick<ShortValues, "shortFraction" | "daysToCover"> {
  const why = judged === null ? "not-published" : judged.exclusion;
  if (judged === null || why !== null) {
    const none = (feature: string): null => missing.note(feature, why ?? "not-published");
    return { shortFraction: none("shortFraction"), daysToCover: none("daysToCover") };
  }
  const { report } = judged;
  return {
    shortFraction: shortFraction(report.sharesShort, floatShares, missing, flags),
    daysToCover: daysToCover(report, usual, missing),
  };
}

function shortFactsUsed(
  { shortVolume, fails, figures }: ReferenceState,
  judged: JudgedShortInterest | null,
  used: UsedFacts[],
): void {
  if (judged !== null) {
    const { facts, provenance: stands } = judged;
    used.push({ role: "shortInterest", topic: "short.interest.v1", facts, stands });
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
}

/** Over the volume that the report states, which is of its own days, or else over the usual one. */
function daysToCover(
  { sharesShort, averageDailyVolume }: KnownShortInterest,
  { adv30, sessions }: Pick<DailyIndicators, "adv30" | "sessions">,
  missing: MissingValues,
): number | null {
  const volume = averageDailyVolume ?? adv30;
  if (volume === null) return missing.warm("daysToCover", null, sessions, ADV_SESSIONS);
  return missing.ratio("daysToCover", sharesShort, volume);
}

/** Against the figure before, as this report states it; a first report states none. */
function sharesShortChange(
  { sharesShort, previousSharesShort }: KnownShortInterest,
  missing: MissingValues,
): number | null {
  if (previousSharesShort === null) return missing.note("sharesShortChange", "no-source");
  const ratio = missing.ratio("sharesShortChange", sharesShort, previousSharesShort);
  return ratio === null ? null : ratio - 1;
}

function failsToDeliverFlag(
  { fails }: ReferenceState,
  sharesOutstanding: number | null,
  missing: MissingValues,
): boolean | null {
  const ascending = [...fails].sort((a, b) => (a.settlementDate < b.settlementDate ? -1 : 1));
  const persistent = hasPersistentFails(ascending, sharesOutstanding);
  if (persistent !== null) return persistent;
  return missing.note("failsToDeliverFlag", fails.length === 0 ? "not-published" : "no-source");
}

function shortFraction(
  sharesShort: number,
  floatShares: number | null,
  missing: MissingValues,
  flags: FeatureFlag[],
): number | null {
  if (floatShares === null) return missing.note("shortFraction", "float-unknown");
  const fraction = missing.ratio("shortFraction", sharesShort, floatShares);
  if (fraction === null) return null;
  if (fraction > SHORT_FRACTION_MAX) return missing.note("shortFraction", "out-of-range");
  if (fraction > 1) flags.push("short-interest-extreme");
  return fraction;
}
