import type { Features } from "@amc/schemas/generated/events";
import { DAY_MS } from "../market/calendar-date.ts";
import { type CrossCheck, crossCheck } from "./cross-check.ts";
import { FINRA, type KnownReports, type Report, reportBefore, reportsOf } from "./known-reports.ts";
import { daysToCover, shortPercentFloat } from "./measures.ts";
import {
  accuracy,
  completeness,
  consistency,
  freshness,
  overallQuality,
  type QualityParts,
} from "./quality.ts";
import { changeSincePrevious, type ReportChange } from "./report-change.ts";
import type { ShortInterestRules } from "./rules.ts";

/** Above three floats short a figure is impossible, above one it is extreme: GME was at 1.52 (R-ING-19). */
const PERCENT_FLOAT_MAX = 3;
const PERCENT_FLOAT_EXTREME = 1;

/** What is known of a symbol's float and usual volume. */
export type MarketSize = Pick<Features, "floatShares" | "floatPrecision" | "adv30">;

export type MeasureNote =
  | "float-unknown"
  | "float-bound"
  | "volume-unknown"
  | "percent-of-float-extreme"
  | "split-since";

export type Exclusion =
  | "quality-below-threshold"
  | "thinly-traded"
  | "sources-disagree"
  | "percent-of-float-out-of-range";

/** How far one report can be relied on at an instant. */
export interface Assessment {
  /** All reports of its settlement date, the one that stands for it first. */
  readonly rivals: readonly Report[];
  readonly measured: Measures;
  readonly changed: ReportChange;
  readonly checked: CrossCheck;
  /** From the median of the rivals, a fraction of it. */
  readonly deviation: number;
  readonly ageMs: number;
  readonly parts: QualityParts;
  /** 0 to 1, two decimals. */
  readonly overall: number;
  /** Why it is kept and not scored; empty when it may be. */
  readonly exclusions: readonly Exclusion[];
}

/**
 * Assesses a report as of an instant (UTC ms), against the other sources of its settlement date, the
 * report before and what is known of float and volume. `state` holds the report.
 */
export function assessReport(
  report: Report,
  state: KnownReports,
  market: MarketSize,
  rules: ShortInterestRules,
  atMs: number,
): Assessment {
  const rivals = reportsOf(state, report.settlementDate);
  const measured = measuresOf(report, state, market, atMs);
  const changed = changeSincePrevious(report, reportBefore(state, report), state.splits);
  const ageMs = Math.max(0, atMs - report.firstPublishedAt);
  const checked = crossCheck(
    rivals.map(({ source, sharesShort: value, reliability }) => ({ source, value, reliability })),
    ageMs / DAY_MS,
  );
  const deviation = checked.deviations.get(report.source) ?? 0;
  const parts = {
    completeness: completeness({ ...report, ...measured }),
    accuracy: accuracy(rivals.length, deviation),
    freshness: freshness(ageMs, rules),
    consistency: consistency(changed.change),
  };
  const overall = overallQuality(parts);
  const agrees = rivals.length < 2 || report.source === FINRA || checked.consensus !== null;
  const exclusions = exclusionsOf({ overall, agrees, ...measured }, rules);
  return { rivals, measured, changed, checked, deviation, ageMs, parts, overall, exclusions };
}

interface Measures {
  readonly averageDailyVolume: number | null;
  readonly daysToCover: number | null;
  readonly floatShares: number | null;
  readonly percentFloat: number | null;
  readonly isImpossible: boolean;
  readonly notes: readonly MeasureNote[];
}

/**
 * What the report states, else what follows from it with the market's float and usual volume. Those are
 * on the basis of today: a split since the settlement date leaves only what the report states.
 */
function measuresOf(
  report: Report,
  { splits }: KnownReports,
  market: MarketSize,
  atMs: number,
): Measures {
  const isSplitSince = splits.some(
    (effectiveAt) => report.happenedAt < effectiveAt && effectiveAt <= atMs,
  );
  const floatShares = isSplitSince ? null : market.floatShares;
  const averageDailyVolume = report.averageDailyVolume ?? (isSplitSince ? null : market.adv30);
  const percentFloat = shortPercentFloat(report.sharesShort, floatShares);
  const isImpossible = percentFloat !== null && percentFloat > PERCENT_FLOAT_MAX;
  const notes: MeasureNote[] = [];
  if (isSplitSince) notes.push("split-since");
  if (floatShares === null) notes.push("float-unknown");
  else if (market.floatPrecision === "bound") notes.push("float-bound");
  if (averageDailyVolume === null) notes.push("volume-unknown");
  if (percentFloat !== null && !isImpossible && percentFloat > PERCENT_FLOAT_EXTREME) {
    notes.push("percent-of-float-extreme");
  }
  return {
    averageDailyVolume,
    daysToCover: report.daysToCover ?? daysToCover(report.sharesShort, averageDailyVolume),
    floatShares,
    percentFloat,
    isImpossible,
    notes,
  };
}

interface Found extends Pick<Measures, "averageDailyVolume" | "isImpossible"> {
  readonly overall: number;
  /** FINRA is believed whoever else says otherwise; of others at least two have to agree. */
  readonly agrees: boolean;
}

/**
 * R-SI-08, R-SI-10, R-SI-11 and R-ING-19. An unknown volume is named by a note and excludes nothing; an
 * impossible figure is excluded by whatever rules.
 */
function exclusionsOf(
  { overall, agrees, averageDailyVolume, isImpossible }: Found,
  { qualityMin, averageVolumeMin, isValidated }: ShortInterestRules,
): readonly Exclusion[] {
  const exclusions: Exclusion[] = [];
  if (isValidated) {
    if (overall < qualityMin) exclusions.push("quality-below-threshold");
    if (averageDailyVolume !== null && averageDailyVolume < averageVolumeMin) {
      exclusions.push("thinly-traded");
    }
    if (!agrees) exclusions.push("sources-disagree");
  }
  if (isImpossible) exclusions.push("percent-of-float-out-of-range");
  return exclusions;
}
