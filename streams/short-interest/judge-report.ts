import type { Features, ShortQuality } from "@amc/schemas/generated/events";
import { DAY_MS } from "../market/calendar-date.ts";
import { roundHalfAway } from "../market/rounding.ts";
import { crossCheck } from "./cross-check.ts";
import { type KnownReports, type Report, reportBefore, reportsOf } from "./known-reports.ts";
import { daysToCover, shortPercentFloat } from "./measures.ts";
import {
  accuracy,
  completeness,
  consistency,
  freshness,
  overallQuality,
  type ShortInterestRules,
  usableUntil,
} from "./quality.ts";
import { type ChangeNote, changeSincePrevious } from "./report-change.ts";

/** Above three floats short a figure is impossible, above one it is extreme: GME was at 1.52 (R-ING-19). */
const PERCENT_FLOAT_MAX = 3;
const PERCENT_FLOAT_EXTREME = 1;
/** Scores are shown with two decimals and kept with six, so that no last bit reaches a reader. */
const SCORE_DECIMALS = 6;

/** What features of the same instant know about a symbol. */
export type MarketFigures = Pick<
  Features,
  "floatShares" | "floatPrecision" | "adv30" | "publishedAt" | "capturedAt" | "simulated"
>;

type QualityNote =
  | ChangeNote
  | "single-source"
  | "outlier"
  | "sources-disagree"
  | "float-unknown"
  | "float-bound"
  | "volume-unknown"
  | "percent-of-float-extreme"
  | "split-since";

type Exclusion = "quality-below-threshold" | "thinly-traded" | "percent-of-float-out-of-range";

/**
 * Judges one report as of an instant (UTC ms), against the other sources of its settlement date, the
 * report before and what the market knows of float and volume. `state` holds the report.
 */
export function judgeReport(
  symbol: string,
  report: Report,
  state: KnownReports,
  market: MarketFigures,
  rules: ShortInterestRules,
  atMs: number,
): ShortQuality {
  const rivals = reportsOf(state, report.settlementDate);
  const leading = rivals[0]?.id === report.id;
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
  const exclusions = exclusionsOf(overall, measured, rules);
  const usable = exclusions.length === 0;
  return {
    symbol,
    happenedAt: atMs,
    publishedAt: Math.max(market.publishedAt, ...rivals.map((rival) => rival.publishedAt)),
    capturedAt: Math.max(market.capturedAt, ...rivals.map((rival) => rival.capturedAt)),
    simulated: market.simulated || rivals.some(({ simulated }) => simulated),
    settlementDate: report.settlementDate,
    source: report.source,
    factId: report.id,
    vintage: report.vintage,
    revision: report.isRevision,
    leading,
    firstPublishedAt: report.firstPublishedAt,
    sharesShort: report.sharesShort,
    previousSharesShort: changed.previous,
    averageDailyVolume: measured.averageDailyVolume,
    daysToCover: measured.daysToCover,
    floatShares: measured.floatShares,
    percentFloat: measured.isImpossible ? null : measured.percentFloat,
    change: changed.change,
    completeness: parts.completeness,
    accuracy: roundHalfAway(parts.accuracy, SCORE_DECIMALS),
    freshness: roundHalfAway(parts.freshness, SCORE_DECIMALS),
    consistency:
      parts.consistency === null ? null : roundHalfAway(parts.consistency, SCORE_DECIMALS),
    overall,
    usable,
    usableUntil: usable ? usableUntil(parts, report.firstPublishedAt, rules) : null,
    exclusions,
    agreement: checked.level,
    agreementConfidence: checked.confidence,
    sources: rivals.map(({ source }) => source),
    deviation,
    outliers: checked.outliers,
    consensus: checked.consensus,
    jump: changed.isJump,
    jumpIsNew: leading && changed.isJump && isNews(ageMs, rivals, rules),
    notes: [...changed.notes, ...agreementNotes(report, rivals.length, checked), ...measured.notes],
  };
}

/** A history that is imported later alarms nobody, nor does the same period twice. */
function isNews(
  ageMs: number,
  rivals: readonly Report[],
  { maxAgeMs }: ShortInterestRules,
): boolean {
  return ageMs <= maxAgeMs && !rivals.some(({ isJumpTold }) => isJumpTold);
}

interface Measures {
  readonly averageDailyVolume: number | null;
  readonly daysToCover: number | null;
  readonly floatShares: number | null;
  readonly percentFloat: number | null;
  readonly isImpossible: boolean;
  readonly notes: readonly QualityNote[];
}

/**
 * What the report states, else what follows from it with the market's float and usual volume. Those are
 * on the basis of today: a split since the settlement date leaves only what the report states.
 */
function measuresOf(
  report: Report,
  { splits }: KnownReports,
  market: MarketFigures,
  atMs: number,
): Measures {
  const isSplitSince = splits.some(
    (effectiveAt) => report.happenedAt < effectiveAt && effectiveAt <= atMs,
  );
  const floatShares = isSplitSince ? null : market.floatShares;
  const averageDailyVolume = report.averageDailyVolume ?? (isSplitSince ? null : market.adv30);
  const percentFloat = shortPercentFloat(report.sharesShort, floatShares);
  const isImpossible = percentFloat !== null && percentFloat > PERCENT_FLOAT_MAX;
  const notes: QualityNote[] = [];
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

/** R-SI-08, R-SI-10 and R-ING-19. An unknown volume is named by a note and excludes nothing. */
function exclusionsOf(
  overall: number,
  { averageDailyVolume, isImpossible }: Measures,
  { qualityMin, averageVolumeMin }: ShortInterestRules,
): readonly Exclusion[] {
  const exclusions: Exclusion[] = [];
  if (overall < qualityMin) exclusions.push("quality-below-threshold");
  if (averageDailyVolume !== null && averageDailyVolume < averageVolumeMin) {
    exclusions.push("thinly-traded");
  }
  if (isImpossible) exclusions.push("percent-of-float-out-of-range");
  return exclusions;
}

function agreementNotes(
  { source }: Report,
  sources: number,
  { outliers, consensus }: Pick<ReturnType<typeof crossCheck>, "outliers" | "consensus">,
): readonly QualityNote[] {
  if (sources === 1) return ["single-source"];
  const notes: QualityNote[] = [];
  if (outliers.includes(source)) notes.push("outlier");
  if (consensus === null) notes.push("sources-disagree");
  return notes;
}
