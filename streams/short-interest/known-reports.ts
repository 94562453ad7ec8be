import type { ShortInterest } from "@amc/schemas/generated/events";
import {
  type Check,
  isBoolean,
  isNumber,
  isText,
  listOf,
  nullOr,
  recordOf,
} from "../kernel/json-shape.ts";
import { jsonCodec } from "../kernel/state-codec.ts";
import { DAY_MS } from "../market/calendar-date.ts";
import { DAYS_BETWEEN_REPORTS_MAX } from "./finra-calendar.ts";

/** One source's newest figure for one settlement date. */
export interface Report {
  /** Of the `short.interest.v1` fact. */
  readonly id: string;
  readonly source: string;
  /** How far the source is believed, 0 to 1. */
  readonly reliability: number;
  readonly settlementDate: string;
  readonly happenedAt: number;
  readonly publishedAt: number;
  readonly capturedAt: number;
  readonly simulated: boolean;
  readonly sharesShort: number;
  readonly previousSharesShort: number | null;
  readonly averageDailyVolume: number | null;
  readonly daysToCover: number | null;
  readonly isRevision: boolean;
  /** 1 for the first figure of this source and date that we saw, 2 for the one that replaced it. */
  readonly vintage: number;
  /** Publication of the first of them: age counts from it, because a revision is of the same period. */
  readonly firstPublishedAt: number;
  /** Whether a jump was told of it, so that one period alarms once. */
  readonly isJumpTold: boolean;
}

/**
 * What is known about the short interest of one symbol: the periods that new reports are compared
 * with. All vintages lie in the log.
 */
export interface KnownReports {
  /** In the order of `byDateAndRank`; `trimmed` leaves the four newest settlement dates. */
  readonly reports: readonly Report[];
  /** Ids of facts taken before, newest last: copies of them are no news. */
  readonly taken: readonly string[];
  /** Instants at which splits took effect, ascending. */
  readonly splits: readonly number[];
}

export const NO_REPORTS: KnownReports = { reports: [], taken: [], splits: [] };

/** The report in hand, the one before it, and two for those that come late. */
const DATES_KEPT = 4;
/** More than any list of vendors in the planning documents. */
const SOURCES_KEPT = 8;
/** Two years of one source, or a year of two. */
const TAKEN_KEPT = 48;
const SPLITS_KEPT = 20;
/** The regulator, whose figures stand before those of everybody else (R-SI-18). */
export const FINRA = "finra";
/** What Yahoo said before, told again where it does not answer (R-ING-17): beside Yahoo's own word no second witness. */
const ECHO = { source: "cache", of: "yahoo" } as const;

/** What a fact says that is compared with others. */
export type StatedReport = Pick<
  ShortInterest,
  | "source"
  | "settlementDate"
  | "happenedAt"
  | "publishedAt"
  | "capturedAt"
  | "simulated"
  | "confidence"
  | "sharesShort"
  | "previousSharesShort"
  | "averageDailyVolume"
  | "daysToCover"
  | "revision"
>;

/**
 * The state after a report, not yet trimmed; the same object for a copy of what was taken before. A
 * vintage older than the one held, or an echo of what is held, changes nothing but the memory of its id.
 */
export function withReport(state: KnownReports, id: string, fact: StatedReport): KnownReports {
  if (state.taken.includes(id)) return state;
  const taken = [...state.taken, id].slice(-TAKEN_KEPT);
  const rivals = reportsOf(state, fact.settlementDate);
  const held = rivals.find(({ source }) => source === fact.source);
  const isNewer =
    held === undefined ||
    fact.publishedAt > held.publishedAt ||
    (fact.publishedAt === held.publishedAt && id > held.id);
  const isEcho = fact.source === ECHO.source && rivals.some(({ source }) => source === ECHO.of);
  if (!isNewer || isEcho) return { ...state, taken };
  const echo =
    fact.source === ECHO.of ? rivals.find(({ source }) => source === ECHO.source) : undefined;
  const others = state.reports.filter((report) => report !== held && report !== echo);
  const report = reportOf(id, fact, held ?? echo);
  return { ...state, taken, reports: [...others, report].sort(byDateAndRank) };
}

/** The state after a split took effect, UTC ms; told twice it is one. */
export function withSplitAt(state: KnownReports, effectiveAt: number): KnownReports {
  if (state.splits.includes(effectiveAt)) return state;
  const splits = [...state.splits, effectiveAt].sort((a, b) => a - b).slice(-SPLITS_KEPT);
  return { ...state, splits };
}

/** The state in which the jump of a report is told. */
export function withJumpTold(state: KnownReports, jumped: Report): KnownReports {
  const reports = state.reports.map((report) =>
    report.id === jumped.id ? { ...report, isJumpTold: true } : report,
  );
  return { ...state, reports };
}

/** The state without what nothing will be compared with any more. */
export function trimmed(state: KnownReports): KnownReports {
  const dates = [...new Set(state.reports.map(({ settlementDate }) => settlementDate))];
  const reports = dates
    .slice(0, DATES_KEPT)
    .flatMap((date) => reportsOf(state, date).slice(0, SOURCES_KEPT));
  return { ...state, reports };
}

/** The reports of one settlement date, the one that stands for it first. */
export function reportsOf({ reports }: KnownReports, settlementDate: string): readonly Report[] {
  return reports.filter((report) => report.settlementDate === settlementDate);
}

/** What stands for the settlement date before, null when we do not hold it. */
export function reportBefore({ reports }: KnownReports, of: Report): Report | null {
  const before = reports.find(({ settlementDate }) => settlementDate < of.settlementDate);
  const earliest = of.happenedAt - DAYS_BETWEEN_REPORTS_MAX * DAY_MS;
  return before === undefined || before.happenedAt < earliest ? null : before;
}

function reportOf(id: string, fact: StatedReport, held: Report | undefined): Report {
  const { source, settlementDate, happenedAt, publishedAt, capturedAt, simulated } = fact;
  const { sharesShort, previousSharesShort, averageDailyVolume, daysToCover } = fact;
  return {
    ...{ id, source, settlementDate, happenedAt, publishedAt, capturedAt, simulated },
    ...{ sharesShort, previousSharesShort, averageDailyVolume, daysToCover },
    reliability: fact.confidence,
    isRevision: fact.revision,
    vintage: (held?.vintage ?? 0) + 1,
    firstPublishedAt: held?.firstPublishedAt ?? publishedAt,
    isJumpTold: held?.isJumpTold ?? false,
  };
}

/**
 * Newest date first; of one date FINRA first (R-SI-18: it is the regulator, to which others' figures
 * go back), then whoever is believed more, then by name.
 */
function byDateAndRank(a: Report, b: Report): number {
  if (a.settlementDate !== b.settlementDate) return a.settlementDate > b.settlementDate ? -1 : 1;
  const regulator = Number(b.source === FINRA) - Number(a.source === FINRA);
  return regulator || b.reliability - a.reliability || (a.source < b.source ? -1 : 1);
}

const isReport = recordOf<Report>({
  ...{ id: isText, source: isText, reliability: isNumber, settlementDate: isText },
  ...{ happenedAt: isNumber, publishedAt: isNumber, capturedAt: isNumber, simulated: isBoolean },
  ...{ sharesShort: isNumber, previousSharesShort: nullOr(isNumber) },
  ...{ averageDailyVolume: nullOr(isNumber), daysToCover: nullOr(isNumber) },
  ...{
    isRevision: isBoolean,
    vintage: isNumber,
    firstPublishedAt: isNumber,
    isJumpTold: isBoolean,
  },
});

const areKnownReports: Check<KnownReports> = recordOf<KnownReports>({
  reports: listOf(isReport),
  taken: listOf(isText),
  splits: listOf(isNumber),
});

const FORMAT = 1;

/** Plain JSON: it changes twice a month. */
export const KNOWN_REPORTS_CODEC = jsonCodec(FORMAT, areKnownReports);
