import type { PriceTick, Trigger } from "@amc/schemas/generated/events";
import { FACT_TOPICS, type TopicName } from "@amc/schemas/topics";
import { type FiredSlot, slotsFiredBy } from "../discovery/slots.ts";
import { derivedId } from "../kernel/ids.ts";
import { jsonCodec, KeyedStore } from "../kernel/keyed-store.ts";
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
import { DAY_MS } from "../market/calendar-date.ts";
import { calendarCovers, sessionOfBar, tradingDayOf, tradingDayOfBar } from "../market/sessions.ts";
import type { ScoringConfig } from "../scoring/config.ts";
import { SettingsInForce } from "../scoring/settings.ts";
import { applyReference, type ReferenceEvent } from "./apply-reference.ts";
import { computeFeatures } from "./compute-features.ts";
import { type DailyIndicators, dailyIndicators } from "./daily-indicators.ts";
import { DailyWindow } from "./daily-window.ts";
import { decodeReference, EMPTY_REFERENCE, encodeReference } from "./reference-state.ts";
import { SeenFacts } from "./seen-facts.ts";
import { decodeSession, encodeSession } from "./session-codec.ts";
import { SessionState } from "./session-state.ts";
import {
  applyDueSplits,
  pendingDaily,
  putPastDaily,
  rollTo,
  type SymbolHistory,
} from "./symbol-history.ts";

const NAME = "features";
const VERSION = 1;
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

function parseLastTick(json: unknown): number {
  if (typeof json !== "number") throw new TypeError("stored last tick is not a number");
  return json;
}

class FeaturesTask implements StageTask {
  readonly #context: StageContext;
  /** Operators can switch discovery or a session of it off; slots fire as the verdicts expect them. */
  readonly #settings: SettingsInForce;
  readonly #windows = new KeyedStore<DailyWindow>("features.window", {
    encode: (window, into) => window.encode(into),
    decode: (bytes) => DailyWindow.decode(bytes),
  });
  readonly #sessions = new KeyedStore<SessionState>("features.session", {
    encode: encodeSession,
    decode: decodeSession,
  });
  readonly #references = new KeyedStore("features.reference", {
    encode: encodeReference,
    decode: decodeReference,
  });
  readonly #seen = new SeenFacts("features.seen");
  readonly #clock = new KeyedStore("features.clock", jsonCodec(parseLastTick));
  /** Computed from the windows and forgotten whenever one changes; never stored. */
  readonly #indicators = new Map<string, DailyIndicators>();
  /** Symbols with facts in the running slice; a slice is never split by a commit. */
  readonly #touched = new Set<string>();

  constructor(context: StageContext, configured: ScoringConfig) {
    this.#context = context;
    this.#settings = new SettingsInForce("features.settings", configured);
  }

  get stores(): StageTask["stores"] {
    return [
      this.#windows,
      this.#sessions,
      this.#references,
      this.#seen.store,
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
    const sighting = this.#seen.sight(symbol, event);
    if (sighting === "conflict") return reject("id.conflict");
    if (sighting === "repeated") return skip("duplicate");
    this.#touched.add(symbol);
    if (event.topic === "market.price-tick.v1") return this.#takePrice(event);
    return this.#takeReference(event);
  }

  #takePrice({ id, value: tick, late }: StageEvent<"market.price-tick.v1">): Outcome {
    const day = tradingDayOfBar(tick.happenedAt, tick.intervalMs);
    const history = this.#historyOf(tick.symbol, day);
    const isDaily = tick.intervalMs >= DAY_MS;
    if (day < history.session.day) {
      if (!isDaily) return skip("late:closed-session");
      putPastDaily(history, day, pendingDaily(id, tick));
      this.#windowChanged(tick.symbol);
      this.#sessions.touch(tick.symbol);
      return DONE;
    }
    if (day > history.session.day) this.#roll(tick.symbol, history, day);
    const { session } = history;
    if (isDaily) session.daily = pendingDaily(id, tick);
    else this.#takeIntraday(id, tick, session, late === true);
    this.#sessions.touch(tick.symbol);
    return DONE;
  }

  #takeIntraday(id: string, tick: PriceTick, session: SessionState, late: boolean): void {
    const part =
      tick.auction || sessionOfBar(tick.happenedAt, tick.intervalMs) === "REGULAR"
        ? "regular"
        : "extended";
    const previousClose =
      session.ticks === 0 ? (this.#indicatorsOf(tick.symbol).prevClose ?? Number.NaN) : Number.NaN;
    session.take(id, tick, part, previousClose, late);
  }

  #takeReference(event: ReferenceEvent): Outcome {
    const { symbol } = event.value;
    const day = tradingDayOf(event.value.publishedAt);
    const history = this.#historyOf(symbol, day);
    const reference = applyReference(history.reference, event);
    if (reference === history.reference) return DONE;
    history.reference = reference;
    if (applyDueSplits(history)) this.#windowChanged(symbol);
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
    for (const symbol of [...this.#touched].sort()) {
      if (!answered.has(symbol)) this.#emitSlice(symbol, atMs, discovery);
    }
    this.#touched.clear();
    this.#clock.set("tick", atMs);
    return DONE;
  }

  /** A slot asks for every symbol; the daily slot only for those that have nothing but a daily bar. */
  #answerSlot(slot: FiredSlot, atMs: number, answered: Set<string>): void {
    for (const symbol of [...this.#sessions.keys()].sort()) {
      // At the official close a daily slot comes first; one answer per symbol and instant is enough.
      if (answered.has(symbol)) continue;
      const history = this.#historyOf(symbol, slot.tradingDay);
      if (slot.tradingDay > history.session.day) this.#roll(symbol, history, slot.tradingDay);
      if (slot.trigger === "DAILY") {
        if (!awaitsDailyVerdict(history, slot.tradingDay)) continue;
        history.session.dailyJudged = true;
        this.#sessions.touch(symbol);
      }
      this.#emit(symbol, history, atMs, slot.tradingDay, slot.trigger, slot.slot);
      answered.add(symbol);
    }
  }

  #emitSlice(symbol: string, atMs: number, discovery: boolean): void {
    const history = this.#historyOf(symbol, tradingDayOf(atMs));
    this.#emit(symbol, history, atMs, history.session.day, "SLICE", null, discovery);
  }

  #emit(
    symbol: string,
    history: SymbolHistory,
    atMs: number,
    day: string,
    trigger: Trigger,
    slot: number | null,
    mayCross = false,
  ): void {
    const indicators = this.#indicatorsOf(symbol);
    const moment = { symbol, atMs, day, trigger, slot, mayCross };
    const { values, evidence } = computeFeatures(history, indicators, moment);
    if (values.crossings.length > 0) {
      history.session.crossedLevels += values.crossings.length;
      this.#sessions.touch(symbol);
    }
    this.#context.emit({
      topic: "signals.features.v1",
      id: derivedId(NAME, VERSION, [symbol, String(atMs), values.trigger, evidence]),
      key: symbol,
      happenedAt: atMs,
      value: values,
    });
  }

  #historyOf(symbol: string, day: string): SymbolHistory {
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
    return { window, session, reference: this.#references.get(symbol) ?? EMPTY_REFERENCE };
  }

  #roll(symbol: string, history: SymbolHistory, day: string): void {
    const changed = rollTo(history, day, this.#indicatorsOf(symbol));
    this.#sessions.set(symbol, history.session);
    if (!changed) return;
    this.#windowChanged(symbol);
    if (history.reference !== EMPTY_REFERENCE) this.#references.set(symbol, history.reference);
  }

  #windowChanged(symbol: string): void {
    this.#windows.touch(symbol);
    this.#indicators.delete(symbol);
  }

  #indicatorsOf(symbol: string): DailyIndicators {
    let indicators = this.#indicators.get(symbol);
    if (indicators === undefined) {
      indicators = dailyIndicators(this.#windows.get(symbol) ?? new DailyWindow());
      this.#indicators.set(symbol, indicators);
    }
    return indicators;
  }
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
