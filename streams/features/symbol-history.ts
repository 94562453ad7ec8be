import type { PriceTick } from "@amc/schemas/generated/events";
import { addUuid } from "../kernel/ids.ts";
import { tradingDayOf } from "../market/sessions.ts";
import type { DailyIndicators } from "./daily-indicators.ts";
import type { CompletedSession, DailyWindow } from "./daily-window.ts";
import {
  afterSplit,
  type KnownSplit,
  provenanceOf,
  type ReferenceState,
} from "./reference-state.ts";
import type { PendingDaily } from "./session-state.ts";
import { SessionState } from "./session-state.ts";

/** An overnight ratio outside these bounds wants an explanation (domain-facts §0). */
const JUMP_BELOW = 0.4;
const JUMP_ABOVE = 2.5;
/** This many times the usual volume explains a jump by itself. */
const JUMP_EXPLAINED_BY_ADV = 3;
/** After this many sessions the new level is taken as it is. */
const JUMP_FORGOTTEN_AFTER = 5;

/** The three parts of one symbol's state, as they are stored. */
export interface SymbolHistory {
  readonly window: DailyWindow;
  session: SessionState;
  reference: ReferenceState;
}

/** Whether anything was traded today or in a completed session: without it no feature of price exists. */
export function hasPrice({ window, session }: SymbolHistory): boolean {
  return window.size > 0 || session.daily !== null || session.priceAt > 0;
}

export function pendingDaily(id: string, tick: PriceTick): PendingDaily {
  const { open, high, low, close, volume, volumeScope } = tick;
  return { ...provenanceOf(id, tick), open, high, low, close, volume, scope: volumeScope };
}

function fromDaily(day: string, daily: PendingDaily): CompletedSession {
  const idSum = new Uint32Array(4);
  addUuid(idSum, daily.id);
  return { date: day, ...daily, factCount: 1, firstId: daily.id, idSum };
}

/** A session without a daily bar is made of its regular ticks. */
function fromTicks(session: SessionState): CompletedSession {
  return {
    date: session.day,
    open: session.open,
    high: session.regularHigh,
    low: session.regularLow,
    close: session.regularClose,
    volume: session.volume,
    scope: session.scope,
    factCount: session.ticks,
    firstId: session.firstId,
    idSum: session.idSum,
  };
}

function onBasisOf(splits: readonly KnownSplit[], session: CompletedSession): CompletedSession {
  let { open, high, low, close, volume } = session;
  for (const { applied, effectiveAt, ratio } of splits) {
    if (!applied || session.date >= tradingDayOf(effectiveAt)) continue;
    open /= ratio;
    high /= ratio;
    low /= ratio;
    close /= ratio;
    volume *= ratio;
  }
  return { ...session, open, high, low, close, volume };
}

/** Puts a daily bar of a day that is already over in its place; it supersedes what was there. */
export function putPastDaily(history: SymbolHistory, day: string, daily: PendingDaily): void {
  const completed = onBasisOf(history.reference.splits, fromDaily(day, daily));
  history.window.put(completed, daily.id);
  if (history.window.newestDate() === day) history.session.previous = daily;
}

/**
 * Ends the running day: its session enters the window and a new one begins. Returns true when the
 * window changed, so that its indicators are computed anew.
 */
export function rollTo(history: SymbolHistory, day: string, indicators: DailyIndicators): boolean {
  const ended = history.session;
  const next = new SessionState(day);
  next.previous = ended.previous;
  next.jumpAge = nextJumpAge(ended, indicators);
  next.simulated = ended.simulated;
  let changed = false;
  if (ended.daily !== null) {
    history.window.put(fromDaily(ended.day, ended.daily), ended.daily.id);
    next.previous = ended.daily;
    changed = true;
  } else if (ended.regularTicks > 0) {
    history.window.put(fromTicks(ended), ended.lastId);
    next.previous = {
      id: ended.lastId,
      source: ended.source,
      confidence: ended.confidence,
      happenedAt: ended.priceAt,
      publishedAt: ended.publishedAt,
      capturedAt: ended.capturedAt,
      simulated: ended.simulated,
    };
    changed = true;
  }
  history.session = next;
  return applyDueSplits(history) || changed;
}

/** Adjusts history for splits that are in force on the running day. True when any was applied. */
export function applyDueSplits(history: SymbolHistory): boolean {
  let applied = false;
  for (const split of history.reference.splits) {
    const effectiveDay = tradingDayOf(split.effectiveAt);
    if (split.applied || effectiveDay > history.session.day) continue;
    history.window.adjustForSplit(effectiveDay, split.ratio);
    history.reference = afterSplit(history.reference, split);
    history.session.jumpAge = -1;
    applied = true;
  }
  return applied;
}

/** An overnight gap of today that neither a corporate action nor the volume explains so far. */
export function jumpsToday(session: SessionState, indicators: DailyIndicators): boolean {
  const first =
    session.daily !== null && session.ticks === 0 ? session.daily.open : session.firstPrice;
  const { prevClose, adv30 } = indicators;
  if (prevClose === null || Number.isNaN(first)) return false;
  if (first >= JUMP_BELOW * prevClose && first <= JUMP_ABOVE * prevClose) return false;
  const volume = session.daily?.volume ?? session.volume;
  return adv30 === null || volume < JUMP_EXPLAINED_BY_ADV * adv30;
}

function nextJumpAge(ended: SessionState, indicators: DailyIndicators): number {
  if (jumpsToday(ended, indicators)) return 1;
  if (ended.jumpAge < 0) return -1;
  return ended.jumpAge + 1 >= JUMP_FORGOTTEN_AFTER ? -1 : ended.jumpAge + 1;
}
