import type { Options } from "@amc/schemas/generated/events";
import fc from "fast-check";
import type { AnyEvent } from "../kernel/stage.ts";
import { addTradingDays } from "../market/calendar.ts";
import { DAY_MS } from "../market/calendar-date.ts";
import { newYorkToUtc } from "../market/event-time.ts";
import {
  barFact,
  dailyFact,
  failsFact,
  newsFact,
  optionsFact,
  referenceFact,
  shortInterestFact,
  shortVolumeFact,
} from "./symbol-facts.ts";

/** The trading day on which a market is looked at. */
const DAY = "2021-01-13";
const HOUR_MS = 3_600_000;

/** Call quotes of a snapshot, from none to a market nobody can have. */
const QUOTES = {
  absent: { callBid: null, callAsk: null },
  usable: { callBid: 0.79, callAsk: 0.81 },
  "no-bid": { callBid: 0, callAsk: 0.05 },
  crossed: { callBid: 0.9, callAsk: 0.8 },
  "above-parity": { callBid: 30, callAsk: 31 },
} as const;
type Quotes = keyof typeof QUOTES;

const maybe = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> =>
  fc.option(value, { nil: null });
const precision = fc.constantFrom("EXACT", "ROUNDED", "BOUND");
const quotes: fc.Arbitrary<Quotes> = fc.constantFrom(
  "usable",
  "absent",
  "no-bid",
  "crossed",
  "above-parity",
);

/**
 * What is recorded about one symbol on 2021-01-13 and before, with zero volumes, flat prices, missing
 * references and every other kind of gap, and when it is looked at.
 */
export const arbitraryRecord = fc.record({
  /** New York time of the discovery slot that asks. */
  askedAt: fc.constantFrom("08:00", "09:45", "12:00", "16:15"),
  /** Completed sessions, and how many of the newest had no trade. */
  sessions: fc.constantFrom(0, 1, 4, 7, 8, 13, 14, 18, 19, 29, 30, 31, 99, 100, 105),
  silentSessions: fc.constantFrom(0, 0, 0, 5, 10, 30, 105),
  flat: fc.boolean(),
  dailyScope: fc.constantFrom("CONSOLIDATED", "CONSOLIDATED", "VENUE"),
  today: fc.constantFrom("ticks", "ticks", "ticks", "quotes", "daily", "nothing"),
  ticks: fc.array(
    fc.record({
      minute: fc.nat(360),
      volume: fc.constantFrom(0, 700, 40_000),
      volumeScope: fc.constantFrom("CONSOLIDATED", "CONSOLIDATED", "CONSOLIDATED", "VENUE"),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  float: maybe(fc.record({ value: fc.constantFrom(1e6, 5e7), precision })),
  outstanding: maybe(fc.record({ value: fc.constantFrom(2e6, 8e7), precision })),
  interest: maybe(
    fc.record({
      sharesShort: fc.constantFrom(0, 5e6),
      previousSharesShort: maybe(fc.constantFrom(0, 4e6, 5e6)),
      averageDailyVolume: maybe(fc.constantFrom(0, 1e6)),
      /** Shares short as another source states them. */
      rival: maybe(fc.constantFrom(5.2e6, 9.6e6)),
    }),
  ),
  shortVolume: maybe(fc.constantFrom(0, 1_000)),
  fails: fc.boolean(),
  borrowFee: fc.boolean(),
  utilisation: fc.boolean(),
  threshold: fc.boolean(),
  options: maybe(
    fc.record({
      quotes,
      underlyingPrice: maybe(fc.constant(10)),
      putBid: maybe(fc.constant(0.75)),
      callVolume: maybe(fc.constant(2_000)),
      putVolume: maybe(fc.constantFrom(0, 1_000)),
      gammaWallStrike: maybe(fc.constant(11)),
      volumeRatio: maybe(fc.constant(2)),
      ivPercentile: maybe(fc.constant(12)),
    }),
  ),
  /** Days of snapshots before the newest one. */
  optionDays: fc.constantFrom(0, 3, 61),
  news: fc.array(
    fc.record({
      ageHours: fc.constantFrom(1, 20, 25, 90),
      polarity: maybe(fc.constantFrom(-0.5, 0.5)),
      credibility: maybe(fc.constantFrom(0, 0.8)),
      eventInDays: maybe(fc.constantFrom(-1, 5)),
    }),
    { maxLength: 3 },
  ),
});

type RecordedSymbol = typeof arbitraryRecord extends fc.Arbitrary<infer Value> ? Value : never;

export interface SymbolMarket extends RecordedSymbol {
  /** Instant of the slot, UTC ms. */
  readonly askedAtMs: number;
  /** Volumes of the completed sessions, oldest first. */
  readonly volumes: readonly number[];
  /** All of it, published before the slot, in the order of publication. */
  readonly facts: readonly AnyEvent[];
}

/** The facts that say what is recorded. */
export function marketOf(known: RecordedSymbol): SymbolMarket {
  const askedAtMs = newYorkToUtc(DAY, known.askedAt);
  const volumes = Array.from({ length: known.sessions }, (_, index) =>
    known.sessions - index <= known.silentSessions ? 0 : 1_000_000,
  );
  const facts: readonly AnyEvent[] = [
    ...dailies(known, volumes),
    ...references(known),
    ...optionSnapshots(known, askedAtMs),
    ...newsItems(known, askedAtMs),
    ...runningDay(known, askedAtMs),
  ];
  const published = facts.toSorted((a, b) => publishedAt(a) - publishedAt(b));
  return { ...known, askedAtMs, volumes, facts: published };
}

function publishedAt({ value }: AnyEvent): number {
  return "publishedAt" in value ? value.publishedAt : value.happenedAt;
}

function dailies({ flat, dailyScope }: RecordedSymbol, volumes: readonly number[]): AnyEvent[] {
  return volumes.map((volume, index) => {
    const day = addTradingDays(DAY, index - volumes.length);
    const close = flat ? 10 : 10 + (index % 7) * 0.1;
    return dailyFact(newYorkToUtc(day, "20:00"), { close, volume, volumeScope: dailyScope });
  });
}

function runningDay({ today, ticks }: RecordedSymbol, askedAtMs: number): AnyEvent[] {
  if (today === "nothing") return [];
  // A day without minutes is told after its close, and in this market also before.
  if (today === "daily") return [dailyFact(askedAtMs - 60_000, { close: 10, volume: 0 })];
  const kind = today === "quotes" ? "QUOTE" : "BAR";
  const first = newYorkToUtc(DAY, "07:00");
  const minutes = new Map(ticks.map((tick) => [tick.minute, tick]));
  return [...minutes.values()].flatMap(({ minute, volume, volumeScope }) => {
    const atMs = first + minute * 60_000;
    return atMs < askedAtMs ? [barFact(atMs, { kind, volume, volumeScope })] : [];
  });
}

function references(known: RecordedSymbol): AnyEvent[] {
  const { float, outstanding, interest, shortVolume } = known;
  const atMs = newYorkToUtc("2021-01-12", "18:00");
  const figure = (field: "BORROW_FEE" | "UTILISATION" | "SHORT_SALE_THRESHOLD", stated: boolean) =>
    stated ? [referenceFact(atMs, { field, value: 1 })] : [];
  return [
    ...(float === null ? [] : [referenceFact(atMs, { field: "FLOAT_SHARES", ...float })]),
    ...(outstanding === null
      ? []
      : [referenceFact(atMs, { field: "SHARES_OUTSTANDING", ...outstanding })]),
    ...shortReports(interest, atMs),
    ...(shortVolume === null
      ? []
      : [shortVolumeFact(atMs, { shortVolume: shortVolume / 2, totalVolume: shortVolume })]),
    ...(known.fails ? [failsFact(atMs, 20_000)] : []),
    ...figure("BORROW_FEE", known.borrowFee),
    ...figure("UTILISATION", known.utilisation),
    ...figure("SHORT_SALE_THRESHOLD", known.threshold),
  ];
}

function shortReports(interest: RecordedSymbol["interest"], atMs: number): AnyEvent[] {
  if (interest === null) return [];
  const { rival, ...stated } = interest;
  const report = shortInterestFact(atMs, stated);
  if (rival === null) return [report];
  const other = { ...stated, source: "rival-vendor", confidence: 0.65, sharesShort: rival };
  return [report, shortInterestFact(atMs, other)];
}

function optionSnapshots({ options, optionDays }: RecordedSymbol, askedAtMs: number): AnyEvent[] {
  if (options === null) return [];
  const { quotes: quoted, ...stated } = options;
  const newest: Partial<Options> = { ...stated, ...QUOTES[quoted] };
  const earlier = Array.from({ length: optionDays }, (_, index) =>
    optionsFact(newYorkToUtc(addTradingDays(DAY, index - optionDays), "15:45")),
  );
  return [...earlier, optionsFact(askedAtMs - HOUR_MS / 2, newest)];
}

function newsItems({ news }: RecordedSymbol, askedAtMs: number): AnyEvent[] {
  return news.map(({ ageHours, polarity, credibility, eventInDays }, index) =>
    newsFact(askedAtMs - ageHours * HOUR_MS, {
      itemId: `item-${index}`,
      polarity,
      credibility,
      eventAt: eventInDays === null ? null : askedAtMs + eventInDays * DAY_MS,
    }),
  );
}
