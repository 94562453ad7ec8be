import type { Features, ShortQuality } from "@amc/schemas/generated/events";
import { roundHalfAway } from "../market/rounding.ts";
import { type Assessment, assessReport, type MeasureNote } from "./assess-report.ts";
import type { KnownReports, Report } from "./known-reports.ts";
import { usableUntil } from "./quality.ts";
import type { ChangeNote } from "./report-change.ts";
import type { ShortInterestRules } from "./rules.ts";

/** Scores are shown with two decimals and kept with six, so that no last bit reaches a reader. */
const SCORE_DECIMALS = 6;

/** What features of the same instant know about a symbol. */
export type MarketFigures = Pick<
  Features,
  "floatShares" | "floatPrecision" | "adv30" | "publishedAt" | "capturedAt" | "simulated"
>;

type QualityNote = ChangeNote | MeasureNote | "single-source" | "outlier" | "sources-disagree";

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
  const assessed = assessReport(report, state, market, rules, atMs);
  const { rivals, measured, changed, checked, deviation, ageMs, parts, overall } = assessed;
  const leading = rivals[0]?.id === report.id;
  const { exclusions } = assessed;
  const usable = exclusions.length === 0;
  const ages = usable && rules.isValidated;
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
    usableUntil: ages ? usableUntil(parts, report.firstPublishedAt, rules) : null,
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

function agreementNotes(
  { source }: Report,
  sources: number,
  { outliers, consensus }: Assessment["checked"],
): readonly QualityNote[] {
  if (sources === 1) return ["single-source"];
  const notes: QualityNote[] = [];
  if (outliers.includes(source)) notes.push("outlier");
  if (consensus === null) notes.push("sources-disagree");
  return notes;
}
