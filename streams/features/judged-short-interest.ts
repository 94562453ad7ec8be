import { DAY_MS } from "../market/calendar-date.ts";
import {
  type Assessment,
  assessReport,
  type Exclusion,
  type MarketSize,
} from "../short-interest/assess-report.ts";
import { AGREEMENT_AGE_DAYS } from "../short-interest/cross-check.ts";
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
  const found = standingOf(state);
  if (found === null) return null;
  const { known, leading, report, facts } = found;
  const assessed = assessReport(leading, known, market, rules, atMs);
  const [exclusion] = assessed.exclusions;
  const confidence = report.confidence * keptReliability(assessed.parts.accuracy);
  return {
    report,
    quality: assessed.overall,
    exclusion: exclusion === undefined ? null : REASONS[exclusion],
    provenance: { ...report, confidence },
    facts,
    holdsUntil: holdsUntil(known, leading, assessed, rules, atMs),
  };
}

/** What stands for the newest settlement date, whatever the time. */
interface Standing {
  readonly known: KnownReports;
  readonly leading: Report;
  readonly report: KnownShortInterest;
  readonly facts: readonly KnownShortInterest[];
}

/**
 * By state, which is replaced whole: an old figure is judged at every event, and finding out what stands
 * costs most of that. Nothing but the state goes into it, so a restored one finds the same.
 */
const standings = new WeakMap<ReferenceState, Standing | null>();

function standingOf(state: ReferenceState): Standing | null {
  const remembered = standings.get(state);
  if (remembered !== undefined) return remembered;
  const known = knownReports(state);
  const [leading] = known.reports;
  const report = state.shortInterest.find(({ id }) => id === leading?.id);
  const standing =
    leading === undefined || report === undefined
      ? null
      : { known, leading, report, facts: restsOn(leading, known, state.shortInterest) };
  standings.set(state, standing);
  return standing;
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

/**
 * A fresh figure stays so until the age limit, the next age at which the sources agree less, or a split; an
 * older one is worth less from instant to instant.
 */
function holdsUntil(
  { splits }: KnownReports,
  { firstPublishedAt }: Report,
  { ageMs }: Assessment,
  { maxAgeMs }: ShortInterestRules,
  atMs: number,
): number {
  if (ageMs >= maxAgeMs) return atMs;
  const steps = AGREEMENT_AGE_DAYS.map((days) => days * DAY_MS).filter((step) => step > ageMs);
  return Math.min(
    firstPublishedAt + Math.min(maxAgeMs, ...steps),
    ...splits.filter((effectiveAt) => effectiveAt > atMs),
  );
}
