import type { Input } from "@amc/schemas/generated/events";
import type { TopicName } from "@amc/schemas/topics";
import { addUuid, formatUuid, type Lanes, lanesToHex } from "../kernel/ids.ts";
import type { DailyIndicators } from "./daily-indicators.ts";
import type { DailyWindow } from "./daily-window.ts";
import type { Provenance } from "./reference-state.ts";
import type { ReferenceValues } from "./reference-values.ts";
import type { SessionState } from "./session-state.ts";
import type { SymbolHistory } from "./symbol-history.ts";
import type { InputRole, UsedFacts } from "./used-facts.ts";

const TICKS: TopicName = "market.price-tick.v1";

/** A single fact, or a few, as one line of evidence. Newest first. */
function inputOf(
  role: InputRole,
  topic: TopicName,
  facts: readonly Provenance[],
  stands = facts[0],
): Input | null {
  const newest = facts[0];
  const oldest = facts.at(-1);
  if (newest === undefined || oldest === undefined || stands === undefined) return null;
  const sum = new Uint32Array(4);
  for (const { id } of facts) addUuid(sum, id);
  return {
    role,
    topic,
    source: stands.source,
    confidence: stands.confidence,
    firstId: oldest.id,
    lastId: newest.id,
    count: facts.length,
    hash: lanesToHex(sum),
    happenedAt: stands.happenedAt,
    publishedAt: stands.publishedAt,
  };
}

/** The observations of the running day: its ticks, or the daily bar where there are none. */
function sessionInput(session: SessionState): Input | null {
  const { daily } = session;
  if (session.ticks === 0) {
    return daily === null ? null : inputOf("sessionTicks", TICKS, [daily]);
  }
  return {
    role: "sessionTicks",
    topic: TICKS,
    source: session.source,
    confidence: session.confidence,
    firstId: session.firstId,
    lastId: session.lastId,
    count: session.ticks,
    hash: lanesToHex(session.idSum),
    happenedAt: session.priceAt,
    publishedAt: session.publishedAt,
  };
}

/** The completed sessions of the window; their vendor is that of the newest fact in it. */
function windowInput(window: DailyWindow, newest: Provenance | null): Input | null {
  if (window.size === 0 || newest === null) return null;
  const sum: Lanes = new Uint32Array(4);
  const { count, firstLanes } = window.evidence(sum);
  return {
    role: "dailyBars",
    topic: TICKS,
    source: newest.source,
    confidence: newest.confidence,
    firstId: formatUuid(firstLanes),
    lastId: window.newestId,
    count,
    hash: lanesToHex(sum),
    happenedAt: newest.happenedAt,
    publishedAt: newest.publishedAt,
  };
}

/** Evidence of a features event, one line per role that had facts. */
export function evidenceOf(history: SymbolHistory, used: readonly UsedFacts[]): readonly Input[] {
  const inputs = [
    sessionInput(history.session),
    windowInput(history.window, history.session.previous),
    ...used.map(({ role, topic, facts, stands }) => inputOf(role, topic, facts, stands)),
  ];
  return inputs.filter((input) => input !== null);
}

/** Names every fact behind a features event, short enough to hash for each of them. */
export function evidenceKey(
  { session }: SymbolHistory,
  { windowHash }: DailyIndicators,
  { usedIds }: ReferenceValues,
): string {
  return `${session.day}/${lanesToHex(session.idSum)}/${session.daily?.id ?? ""}/${windowHash}/${usedIds}`;
}
