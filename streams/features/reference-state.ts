import type {
  CorporateAction,
  FailsToDeliver,
  Halt,
  HaltStatus,
  News,
  Options,
  Precision,
  Reference,
  ReferenceField,
  ShortInterest,
  ShortVolume,
} from "@amc/schemas/generated/events";
import { atTheMoneyVolatility } from "../market/options.ts";
import { tradingDayOf } from "../market/sessions.ts";

/** Where a figure came from and when it could be known: what every known value carries. */
export interface Provenance {
  readonly id: string;
  readonly source: string;
  readonly confidence: number;
  readonly happenedAt: number;
  readonly publishedAt: number;
  readonly capturedAt: number;
  readonly simulated: boolean;
}

export interface KnownFigure extends Provenance {
  readonly value: number;
  readonly precision: Precision;
}

export interface KnownShortInterest extends Provenance {
  readonly settlementDate: string;
  readonly sharesShort: number;
  readonly previousSharesShort: number | null;
  readonly averageDailyVolume: number | null;
  readonly daysToCover: number | null;
  readonly revision: boolean;
}

export interface KnownShortVolume extends Provenance {
  readonly tradeDate: string;
  readonly shortVolume: number;
  readonly totalVolume: number;
}

export interface KnownFails extends Provenance {
  readonly settlementDate: string;
  readonly quantity: number;
}

export interface KnownNews extends Provenance {
  readonly polarity: number | null;
  readonly credibility: number | null;
  readonly eventAt: number | null;
}

export interface KnownOptions extends Provenance {
  readonly snapshot: Options;
}

/** The last snapshot of a trading day that is over, and the volatility it implied. */
export interface KnownVolatility extends Provenance {
  /** Per year, fraction; null when the day ended without a usable quote at the money. */
  readonly iv: number | null;
}

export interface KnownHalt extends Provenance {
  readonly status: HaltStatus;
}

export interface KnownSplit extends Provenance {
  readonly effectiveAt: number;
  readonly ratio: number;
  readonly applied: boolean;
}

/**
 * The newest published figures about one symbol. Vintages live in the log; here only what would be
 * used now. Plain JSON, replaced whole, because it changes a few times a day at most.
 */
export interface ReferenceState {
  readonly figures: Partial<Readonly<Record<ReferenceField, KnownFigure>>>;
  /** Of the two newest settlement dates every vintage of every source, as `byPublication`. */
  readonly shortInterest: readonly KnownShortInterest[];
  readonly shortVolume: KnownShortVolume | null;
  /** The two newest publications, half a month each; newest first, as `byPublication`. */
  readonly fails: readonly KnownFails[];
  /** The newest hundred, as `byPublication`. */
  readonly news: readonly KnownNews[];
  readonly options: KnownOptions | null;
  /** One per trading day before that of `options`, newest first, at most a year of them. */
  readonly volatilities: readonly KnownVolatility[];
  readonly splits: readonly KnownSplit[];
  /** The newest halt or resumption. */
  readonly halt: KnownHalt | null;
}

export const EMPTY_REFERENCE: ReferenceState = {
  figures: {},
  shortInterest: [],
  shortVolume: null,
  fails: [],
  news: [],
  options: null,
  volatilities: [],
  splits: [],
  halt: null,
};

/** The period in hand and the one that it is compared with. */
const SHORT_INTEREST_DATES = 2;
/** Four sources and two revisions of each date; a feed that sends more is not believed. */
const SHORT_INTEREST_KEPT = 12;
const FAILS_PUBLICATIONS = 2;
/** Two half-months have at most 23 settlement days; a feed that sends more is not believed. */
const FAILS_KEPT = 64;
const NEWS_KEPT = 100;
/** Trading days in a year: the window of the IV percentile (R-ING-07). */
const VOLATILITIES_KEPT = 252;
const SPLITS_KEPT = 20;

interface FactTimes {
  readonly source: string;
  readonly confidence: number;
  readonly happenedAt: number;
  readonly publishedAt: number;
  readonly capturedAt: number;
  readonly simulated: boolean;
}

export function provenanceOf(id: string, fact: FactTimes): Provenance {
  const { source, confidence, happenedAt, publishedAt, capturedAt, simulated } = fact;
  return { id, source, confidence, happenedAt, publishedAt, capturedAt, simulated };
}

/**
 * Newest first in the order in which facts of one topic are taken (published, id): what is kept of
 * a list is then one stretch of the log, and evidence can name it by its ends.
 */
function byPublication(a: Provenance, b: Provenance): number {
  return b.publishedAt - a.publishedAt || (a.id < b.id ? 1 : -1);
}

/** A later date wins; of one date the later publication (a revision), then the greater id. */
function supersedes(
  date: string | number,
  fact: Provenance,
  heldDate: string | number,
  held: Provenance,
): boolean {
  if (date !== heldDate) return date > heldDate;
  if (fact.publishedAt !== held.publishedAt) return fact.publishedAt > held.publishedAt;
  return fact.id > held.id;
}

/** Share counts are restated by a split; fees, fractions and lists are not. */
const SHARE_COUNTS: ReadonlySet<ReferenceField> = new Set(["FLOAT_SHARES", "SHARES_OUTSTANDING"]);

/**
 * Shares stated for one date, on the basis of the splits in force: a report of before the split
 * may be published after it.
 */
function onCurrentBasis(
  shares: number,
  { happenedAt }: { readonly happenedAt: number },
  splits: readonly KnownSplit[],
): number {
  let current = shares;
  for (const { applied, effectiveAt, ratio } of splits) {
    if (applied && happenedAt < effectiveAt) current *= ratio;
  }
  return current;
}

export function withReference(state: ReferenceState, id: string, fact: Reference): ReferenceState {
  const value = SHARE_COUNTS.has(fact.field)
    ? onCurrentBasis(fact.value, fact, state.splits)
    : fact.value;
  const figure = { ...provenanceOf(id, fact), value, precision: fact.precision };
  const held = state.figures[fact.field];
  if (held !== undefined && !supersedes(fact.happenedAt, figure, held.happenedAt, held))
    return state;
  return { ...state, figures: { ...state.figures, [fact.field]: figure } };
}

export function withShortInterest(
  state: ReferenceState,
  id: string,
  fact: ShortInterest,
): ReferenceState {
  const { settlementDate } = fact;
  const rebased = (shares: number): number => onCurrentBasis(shares, fact, state.splits);
  const rebasedOrNull = (shares: number | null): number | null =>
    shares === null ? null : rebased(shares);
  if (state.shortInterest.some((held) => held.id === id)) return state;
  const known: KnownShortInterest = {
    ...provenanceOf(id, fact),
    settlementDate,
    sharesShort: rebased(fact.sharesShort),
    previousSharesShort: rebasedOrNull(fact.previousSharesShort),
    averageDailyVolume: rebasedOrNull(fact.averageDailyVolume),
    daysToCover: fact.daysToCover,
    revision: fact.revision,
  };
  const shortInterest = newestPeriods([...state.shortInterest, known].sort(byPublication));
  return shortInterest.length === state.shortInterest.length && !shortInterest.includes(known)
    ? state
    : { ...state, shortInterest };
}

/**
 * The newest publications, as far back as one about the two newest settlement dates: one stretch of the
 * log, with whatever about older dates was published in between.
 */
function newestPeriods(reports: readonly KnownShortInterest[]): readonly KnownShortInterest[] {
  const dates = new Set(reports.map(({ settlementDate }) => settlementDate));
  const newest = [...dates].sort().slice(-SHORT_INTEREST_DATES);
  const last = reports.findLastIndex(({ settlementDate }) => newest.includes(settlementDate));
  return reports.slice(0, Math.min(last + 1, SHORT_INTEREST_KEPT));
}

export function withShortVolume(
  state: ReferenceState,
  id: string,
  fact: ShortVolume,
): ReferenceState {
  const { tradeDate, shortVolume, totalVolume } = fact;
  const provenance = provenanceOf(id, fact);
  const held = state.shortVolume;
  if (held !== null && !supersedes(tradeDate, provenance, held.tradeDate, held)) return state;
  return { ...state, shortVolume: { ...provenance, tradeDate, shortVolume, totalVolume } };
}

export function withFails(state: ReferenceState, id: string, fact: FailsToDeliver): ReferenceState {
  const { settlementDate } = fact;
  const quantity = onCurrentBasis(fact.quantity, fact, state.splits);
  const known: KnownFails = { ...provenanceOf(id, fact), settlementDate, quantity };
  const others = state.fails.filter((held) => held.settlementDate !== settlementDate);
  const rival = state.fails.find((held) => held.settlementDate === settlementDate);
  if (rival !== undefined && !supersedes(settlementDate, known, settlementDate, rival))
    return state;
  const fails = [...others, known].sort(byPublication);
  const publications = [...new Set(fails.map(({ publishedAt }) => publishedAt))];
  const oldest = publications[FAILS_PUBLICATIONS - 1] ?? Number.NEGATIVE_INFINITY;
  return {
    ...state,
    fails: fails.filter(({ publishedAt }) => publishedAt >= oldest).slice(0, FAILS_KEPT),
  };
}

export function withNews(state: ReferenceState, id: string, fact: News): ReferenceState {
  if (state.news.some((held) => held.id === id)) return state;
  const { polarity, credibility, eventAt } = fact;
  const news = [{ ...provenanceOf(id, fact), polarity, credibility, eventAt }, ...state.news]
    .sort(byPublication)
    .slice(0, NEWS_KEPT);
  return { ...state, news };
}

/**
 * Snapshots are taken in the order of their time; one that comes after a newer one is not used, so
 * that the last of each day are the same whether the others are there or not (evidence).
 */
export function withOptions(state: ReferenceState, id: string, fact: Options): ReferenceState {
  const provenance = provenanceOf(id, fact);
  const held = state.options;
  if (held !== null && !supersedes(fact.happenedAt, provenance, held.happenedAt, held))
    return state;
  return {
    ...state,
    options: { ...provenance, snapshot: fact },
    volatilities: held === null ? [] : withEndedDay(state.volatilities, held, fact.happenedAt),
  };
}

function withEndedDay(
  volatilities: readonly KnownVolatility[],
  { snapshot, ...provenance }: KnownOptions,
  nextAt: number,
): readonly KnownVolatility[] {
  if (tradingDayOf(snapshot.happenedAt) === tradingDayOf(nextAt)) return volatilities;
  const ended = { ...provenance, iv: atTheMoneyVolatility(snapshot) };
  return [ended, ...volatilities].slice(0, VOLATILITIES_KEPT);
}

export function withHalt(state: ReferenceState, id: string, fact: Halt): ReferenceState {
  const halt = { ...provenanceOf(id, fact), status: fact.status };
  const held = state.halt;
  if (held !== null && !supersedes(fact.happenedAt, halt, held.happenedAt, held)) return state;
  return { ...state, halt };
}

export function withSplit(
  state: ReferenceState,
  id: string,
  fact: CorporateAction,
): ReferenceState {
  if (fact.action !== "SPLIT" || fact.ratio === null) return state;
  const day = tradingDayOf(fact.effectiveAt);
  const sameDay = state.splits.filter(({ effectiveAt }) => tradingDayOf(effectiveAt) === day);
  // Told again, or by a second vendor: one split a day. A corrected ratio adds what was missing.
  const known = sameDay.reduce((product, { ratio }) => product * ratio, 1);
  if (sameDay.length > 0 && known === fact.ratio) return state;
  const split = {
    ...provenanceOf(id, fact),
    effectiveAt: fact.effectiveAt,
    ratio: fact.ratio / known,
    applied: false,
  };
  const splits = [...state.splits, split]
    .sort((a, b) => a.effectiveAt - b.effectiveAt || (a.id < b.id ? -1 : 1))
    .slice(-SPLITS_KEPT);
  return { ...state, splits };
}

/** Brings share counts stated before a split to the new basis and marks it applied. */
export function afterSplit(state: ReferenceState, split: KnownSplit): ReferenceState {
  const onNewBasis = (shares: number, at: Provenance): number =>
    at.happenedAt < split.effectiveAt ? shares * split.ratio : shares;
  const figures = { ...state.figures };
  for (const field of ["FLOAT_SHARES", "SHARES_OUTSTANDING"] as const) {
    const figure = figures[field];
    if (figure !== undefined)
      figures[field] = { ...figure, value: onNewBasis(figure.value, figure) };
  }
  const onNewBasisOrNull = (shares: number | null, at: Provenance): number | null =>
    shares === null ? null : onNewBasis(shares, at);
  return {
    ...state,
    figures,
    shortInterest: state.shortInterest.map((report) => ({
      ...report,
      sharesShort: onNewBasis(report.sharesShort, report),
      previousSharesShort: onNewBasisOrNull(report.previousSharesShort, report),
      averageDailyVolume: onNewBasisOrNull(report.averageDailyVolume, report),
    })),
    fails: state.fails.map((fails) => ({ ...fails, quantity: onNewBasis(fails.quantity, fails) })),
    splits: state.splits.map((one) => (one.id === split.id ? { ...one, applied: true } : one)),
  };
}
