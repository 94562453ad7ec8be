import type { PriceTick, Trigger } from "@amc/schemas/generated/events";
import { FACT_TOPICS, type TopicName } from "@amc/schemas/topics";
import { type FiredSlot, slotsFiredBy } from "../discovery/slots.ts";
import { derivedId } from "../kernel/ids.ts";
import { isNumber } from "../kernel/json-shape.ts";
import { KeyedStore } from "../kernel/keyed-store.ts";
import {
  type AnyEvent,
  DONE,
  type Outcome,
  reject,
  type Stage,
  type StageContext,
  type StageEvent,
  type StageTask,
  skip,
} from "../kernel/stage.ts";
import { jsonCodec } from "../kernel/state-codec.ts";
import { DAY_MS } from "../market/calendar-date.ts";
import { calendarCovers, sessionOfBar, tradingDayOf, tradingDayOfBar } from "../market/sessions.ts";
import type { ScoringConfig } from "../scoring/config.ts";
import { SettingsInForce } from "../scoring/settings.ts";
import { isEvaluated, LEFT_OUT } from "../universe/universe.ts";
import { applyReference, type ReferenceEvent } from "./apply-reference.ts";
import { computeFeatures } from "./compute-features.ts";
import { type DailyIndicators, dailyIndicators } from "./daily-indicators.ts";
import { DailyWindow, WINDOW_CODEC } from "./daily-window.ts";
import { REFERENCE_CODEC } from "./reference-codec.ts";
import { EMPTY_REFERENCE } from "./reference-state.ts";
import { SeenFacts, type SymbolMemory } from "./seen-facts.ts";
import { SESSION_CODEC } from "./session-codec.ts";
import { SessionState } from "./session-state.ts";
import {
  applyDueSplits,
  hasPrice,
  pendingDaily,
  putPastDaily,
  rollTo,
  type SymbolHistory,
} from "./symbol-history.ts";

const NAME = "features";
const VERSION = 1;
const CLOCK_FORMAT = 1;
const FEATURES: TopicName = "signals.features.v1";

const INPUTS: readonly TopicName[] = [...FACT_TOPICS, "ops.control.v1", "ops.clock.v1"];

/**
 * The only stage with rolling history: it turns price and reference facts into one features event
 * per symbol and slice. Everything after it is a function of one such event.
 */
export function createFeaturesStage(configured: ScoringConfig): Stage {
  return {
    name: NAME,
    version: VERSION,
    inputs: INPUTS,
    outputs: [FEATURES],
    init: (context) => new FeaturesTask(context, configured),
  };
}

/** One symbol at hand: a market's tick then costs one look into a map, and not one per store. */
interface SymbolEntry {
  readonly symbol: string;
  readonly history: SymbolHistory;
  readonly seen: SymbolMemory;
  /** Computed from the window and forgotten whenever it changes; never stored. */
  indicators: DailyIndicators | null;
  /** Whether it has facts in the running slice; a slice is never split by a commit. */
  touched: boolean;
  /** `generation` of the sessions' store when this one was last marked as changed. */
  sessionTouchedIn: number;
}

class FeaturesTask implements StageTask {
  readonly #context: StageContext;
  /** Operators can switch discovery or a session of it off; slots fire as the verdicts expect them. */
  readonly #settings: SettingsInForce;
  readonly #windows = new KeyedStore("features.window", WINDOW_CODEC);
  readonly #sessions = new KeyedStore("features.session", SESSION_CODEC);
  readonly #references = new KeyedStore("features.reference", REFERENCE_CODEC);
  readonly #seen = new SeenFacts("features.seen");
  readonly #clock = new KeyedStore("features.clock", jsonCodec(CLOCK_FORMAT, isNumber));
  /** Views of the stores by symbol, made at the first use after a start. */
  readonly #entries = new Map<string, SymbolEntry>();
  /** Those with facts in the running slice. */
  #touched: SymbolEntry[] = [];

  constructor(context: StageContext, configured: ScoringConfig) {
    this.#context = context;
    this.#settings = new SettingsInForce("features.settings", configured);
  }

  get stores(): StageTask["stores"] {
    return [
      this.#windows,
      this.#sessions,
      this.#references,
      this.#seen,
      this.#clock,
      this.#settings.store,
    ];
  }

  step(event: AnyEvent): Outcome {
    if (event.topic === "ops.clock.v1") return this.#takeTick(event);
    if (event.topic === "ops.control.v1") return this.#settings.apply(event);
    if (!isFact(event)) return DONE;
    const { symbol } = event.value;
    if (event.key !== symbol) return reject("fact.key-is-not-symbol");
    if (!hasTradingDays(event)) return reject("fact.outside-calendar");
    const entry = this.#entries.get(symbol) ?? this.#openEntry(symbol, dayOfFact(event));
    const sighting = entry.seen.sight(event, goesForward(entry, event));
    if (sighting === "conflict") return reject("id.conflict");
    if (sighting === "repeated") return skip("duplicate");
    if (!entry.touched) {
      entry.touched = true;
      this.#touched.push(entry);
    }
    if (event.topic === "market.price-tick.v1") return this.#takePrice(entry, event);
    return this.#takeReference(entry, event);
  }

  #takePrice(
    entry: SymbolEntry,
    { id, value: tick, late }: StageEvent<"market.price-tick.v1">,
  ): Outcome {
    const { history } = entry;
    const day = tradingDayOfBar(tick.happenedAt, tick.intervalMs);
    const isDaily = tick.intervalMs >= DAY_MS;
    if (day < history.session.day) {
      if (!isDaily) return skip("late:closed-session");
      putPastDaily(history, day, pendingDaily(id, tick));
      this.#windowChanged(entry);
      this.#touchSession(entry);
      return DONE;
    }
    if (day > history.session.day) this.#roll(entry, day);
    if (isDaily) history.session.daily = pendingDaily(id, tick);
    else this.#takeIntraday(entry, id, tick, late === true);
    this.#touchSession(entry);
    return DONE;
  }

  #takeIntraday(entry: SymbolEntry, id: string, tick: PriceTick, late: boolean): void {
    const { session } = entry.history;
    const part =
      tick.auction || sessionOfBar(tick.happenedAt, tick.intervalMs) === "REGULAR"
        ? "regular"
        : "extended";
    const previousClose =
      session.ticks === 0 ? (indicatorsOf(entry).prevClose ?? Number.NaN) : Number.NaN;
    session.take(id, tick, part, previousClose, late);
  }

  #takeReference(entry: SymbolEntry, event: ReferenceEvent): Outcome {
    const { symbol, history } = entry;
    const reference = applyReference(history.reference, event);
    if (reference === history.reference) return DONE;
    history.reference = reference;
    if (applyDueSplits(history)) this.#windowChanged(entry);
    this.#references.set(symbol, history.reference);
    return DONE;
  }

  #takeTick({ id, value }: StageEvent<"ops.clock.v1">): Outcome {
    const { happenedAt: atMs, discovery } = value;
    const lastTickMs = this.#clock.get("tick") ?? Number.NEGATIVE_INFINITY;
    if (atMs < lastTickMs) return skip(`clock-went-back:${id}`);
    const fired = discovery ? slotsFiredBy(lastTickMs, atMs, this.#settings.config.slots) : [];
    const answered = new Set<string>();
    for (const slot of fired) this.#answerSlot(slot, atMs, answered);
    for (const entry of this.#touched.sort(compareSymbols)) {
      entry.touched = false;
      if (!answered.has(entry.symbol)) this.#emitSlice(entry, atMs, discovery);
    }
    this.#touched = [];
    this.#clock.set("tick", atMs);
    return DONE;
  }

  /**
   * A slot asks for every symbol that has a price; the daily slot only for those that have nothing but a
   * daily bar. FINRA's reports name some ten thousand that nobody sends us prices of: nothing can be
   * said of them, and their days begin with their first price.
   */
  #answerSlot(slot: FiredSlot, atMs: number, answered: Set<string>): void {
    for (const symbol of [...this.#sessions.keys()].sort()) {
      // At the official close a daily slot comes first; one answer per symbol and instant is enough.
      if (answered.has(symbol)) continue;
      const entry = this.#entries.get(symbol) ?? this.#openEntry(symbol, slot.tradingDay);
      if (!hasPrice(entry.history)) continue;
      if (slot.tradingDay > entry.history.session.day) this.#roll(entry, slot.tradingDay);
      if (slot.trigger === "DAILY") {
        if (!awaitsDailyVerdict(entry.history, slot.tradingDay)) continue;
        entry.history.session.dailyJudged = true;
        this.#touchSession(entry);
      }
      this.#emit(entry, atMs, slot.tradingDay, slot.trigger, slot.slot);
      answered.add(symbol);
    }
  }

  #emitSlice(entry: SymbolEntry, atMs: number, discovery: boolean): void {
    const { history } = entry;
    // Slots do not end the days of a symbol without a price.
    const day = hasPrice(history) ? history.session.day : laterDay(history.session.day, atMs);
    this.#emit(entry, atMs, day, "SLICE", null, discovery);
  }

  #emit(
    entry: SymbolEntry,
    atMs: number,
    day: string,
    trigger: Trigger,
    slot: number | null,
    mayCross = false,
  ): void {
    const { symbol, history } = entry;
    const moment = { symbol, atMs, day, trigger, slot, mayCross };
    const { shortInterest } = this.#settings.config;
    const indicators = indicatorsOf(entry);
    const { values, evidence } = computeFeatures(history, indicators, moment, shortInterest);
    if (values.crossings.length > 0) {
      history.session.crossedLevels += values.crossings.length;
      this.#touchSession(entry);
    }
    const basis = [symbol, String(atMs), values.trigger, evidence];
    const isOut = slot !== null && !isEvaluated(values, this.#settings.config.universe);
    this.#context.emit({
      topic: "signals.features.v1",
      id: derivedId(NAME, VERSION, isOut ? [...basis, LEFT_OUT] : basis),
      key: symbol,
      happenedAt: atMs,
      value: isOut ? { ...values, flags: [...values.flags, LEFT_OUT] } : values,
    });
  }

  /** The entry of a symbol not yet at hand; one never seen before begins on `day`. */
  #openEntry(symbol: string, day: string): SymbolEntry {
    let window = this.#windows.get(symbol);
    if (window === undefined) {
      window = new DailyWindow();
      this.#windows.set(symbol, window);
    }
    let session = this.#sessions.get(symbol);
    if (session === undefined) {
      session = new SessionState(day);
      this.#sessions.set(symbol, session);
    }
    const reference = this.#references.get(symbol) ?? EMPTY_REFERENCE;
    const entry: SymbolEntry = {
      symbol,
      history: { window, session, reference },
      seen: this.#seen.memoryOf(symbol),
      indicators: null,
      touched: false,
      sessionTouchedIn: -1,
    };
    this.#entries.set(symbol, entry);
    return entry;
  }

  #touchSession(entry: SymbolEntry): void {
    const { generation } = this.#sessions;
    if (entry.sessionTouchedIn === generation) return;
    entry.sessionTouchedIn = generation;
    this.#sessions.touch(entry.symbol);
  }

  #roll(entry: SymbolEntry, day: string): void {
    const { symbol, history } = entry;
    const changed = rollTo(history, day, indicatorsOf(entry));
    this.#sessions.set(symbol, history.session);
    if (!changed) return;
    this.#windowChanged(entry);
    if (history.reference !== EMPTY_REFERENCE) this.#references.set(symbol, history.reference);
  }

  #windowChanged(entry: SymbolEntry): void {
    this.#windows.touch(entry.symbol);
    entry.indicators = null;
  }
}

/** What no completed session says: shared, because a market has thousands of symbols without one. */
const NO_SESSIONS = dailyIndicators(new DailyWindow());

function indicatorsOf(entry: SymbolEntry): DailyIndicators {
  const { window } = entry.history;
  entry.indicators ??= window.size === 0 ? NO_SESSIONS : dailyIndicators(window);
  return entry.indicators;
}

/**
 * Whether a fact happened after every trade that its symbol's session has taken, as nearly all do.
 * Anything else may be a copy, even one that says it was published later than the original.
 */
function goesForward(
  { history }: SymbolEntry,
  event: ReferenceEvent | StageEvent<"market.price-tick.v1">,
): boolean {
  if (event.topic !== "market.price-tick.v1") return false;
  const { intervalMs, kind, happenedAt } = event.value;
  // Quotes and days do not move the time of the session's price.
  return intervalMs < DAY_MS && kind !== "QUOTE" && happenedAt > history.session.priceAt;
}

function compareSymbols({ symbol: a }: SymbolEntry, { symbol: b }: SymbolEntry): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Trading day on which a symbol begins whose first fact this is. */
function dayOfFact(event: ReferenceEvent | StageEvent<"market.price-tick.v1">): string {
  if (event.topic !== "market.price-tick.v1") return tradingDayOf(event.value.publishedAt);
  return tradingDayOfBar(event.value.happenedAt, event.value.intervalMs);
}

/** The trading day of an instant, unless a symbol is in a later one. */
function laterDay(day: string, atMs: number): string {
  const now = tradingDayOf(atMs);
  return now > day ? now : day;
}

/** A symbol that has nothing but a daily bar is judged by it, once. */
function awaitsDailyVerdict({ session }: SymbolHistory, day: string): boolean {
  const { ticks, daily, dailyJudged } = session;
  return session.day === day && ticks === 0 && daily !== null && !dailyJudged;
}

function isFact(event: AnyEvent): event is ReferenceEvent | StageEvent<"market.price-tick.v1"> {
  return event.topic.startsWith("market.") || event.topic.startsWith("short.");
}

/** A week on either side, so that the trading days before and after an instant are known as well. */
const CALENDAR_MARGIN_MS = 7 * DAY_MS;

function isInsideCalendar(atMs: number): boolean {
  return calendarCovers(atMs - CALENDAR_MARGIN_MS) && calendarCovers(atMs + CALENDAR_MARGIN_MS);
}

/** False for a fact dated where the exchange calendar has no answer: nobody could place it. */
function hasTradingDays(event: ReferenceEvent | StageEvent<"market.price-tick.v1">): boolean {
  const { publishedAt, happenedAt } = event.value;
  if (!isInsideCalendar(publishedAt)) return false;
  switch (event.topic) {
    case "market.price-tick.v1":
    case "market.options.v1":
      return isInsideCalendar(happenedAt);
    case "market.corporate-action.v1":
      return isInsideCalendar(event.value.effectiveAt);
    default:
      return true;
  }
}
