import {
  type Assessment,
  assessReport,
  type Exclusion,
  type MarketSize,
} from "../short-interest/assess-report.ts";
import {
  type KnownReports,
  NO_REPORTS,
  type Report,
  reportBefore,
  withReport,
} from "../short-interest/known-reports.ts";
import { keptReliability } from "../short-interest/quality.ts";
import type { ShortInterestRules } from "../short-interest/rules.ts";
import type { MissingReason } from "./missing-values.ts";
import type { KnownShortInterest, Provenance, ReferenceState } from "./reference-state.ts";

/** The newest short interest and how far it can be relied on. */
export interface JudgedShortInterest {
  /** Of the newest settlement date, FINRA's before all others (R-SI-18). */
  readonly report: KnownShortInterest;
  /** 0 to 1, two decimals. */
  readonly quality: number;
  /** Why it is kept and not scored; null when it is scored. */
  readonly exclusion: MissingReason | null;
  /** The report's provenance, with the confidence that other sources leave it. */
  readonly provenance: Provenance;
  /** What the judgement rests on: one stretch of the log, newest first. */
  readonly facts: readonly KnownShortInterest[];
  /** UTC ms up to which time alone changes nothing of it. */
  readonly holdsUntil: number;
}

const REASONS: Readonly<Record<Exclusion, MissingReason>> = {
  "quality-below-threshold": "quality-below-threshold",
  "thinly-traded": "thinly-traded",
  "sources-disagree": "sources-disagree",
  "percent-of-float-out-of-range": "out-of-range",
};

/**
 * Judges the short interest of a symbol at an instant as `short.quality.v1` tells it, by the same
 * function: what was known by then, and no event that comes later.
 */
export function judgedShortInterest(
  state: ReferenceState,
  market: MarketSize,
  rules: ShortInterestRules,
  atMs: number,
): JudgedShortInterest | null {
  const known = knownReports(state);
  const [leading] = known.reports;
  const report = state.shortInterest.find(({ id }) => id === leading?.id);
  if (leading === undefined || report === undefined) return null;
  const assessed = assessReport(leading, known, market, rules, atMs);
  const [exclusion] = assessed.exclusions;
  const confidence = report.confidence * keptReliability(assessed.parts.accuracy);
  return {
    report,
    quality: assessed.overall,
    exclusion: exclusion === undefined ? null : REASONS[exclusion],
    provenance: { ...report, confidence },
    facts: restsOn(leading, known, state.shortInterest),
    holdsUntil: holdsUntil(leading, assessed, rules, atMs),
  };
}

function knownReports({ shortInterest, splits }: ReferenceState): KnownReports {
  const splitsAt = splits.map(({ effectiveAt }) => effectiveAt);
  return shortInterest.reduceRight<KnownReports>(
    (state, fact) => withReport(state, fact.id, fact),
    { ...NO_REPORTS, splits: splitsAt },
  );
}

/** The report with its vintages and rivals, and the period before where the report does not state it. */
function restsOn(
  leading: Report,
  known: KnownReports,
  facts: readonly KnownShortInterest[],
): readonly KnownShortInterest[] {
  const dates = new Set([leading.settlementDate]);
  const before = leading.previousSharesShort === null ? reportBefore(known, leading) : null;
  if (before !== null) dates.add(before.settlementDate);
  const isNeeded = ({ settlementDate }: KnownShortInterest) => dates.has(settlementDate);
  return facts.slice(facts.findIndex(isNeeded), facts.findLastIndex(isNeeded) + 1);
}

/** A fresh figure stays so until the age limit; an older one is worth less from instant to instant. */
function holdsUntil(
  { firstPublishedAt }: Report,
  { ageMs }: Assessment,
  { maxAgeMs }: ShortInterestRules,
  atMs: number,
): number {
  return ageMs < maxAgeMs ? firstPublishedAt + maxAgeMs : atMs;
}
