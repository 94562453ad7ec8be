import { decodeEvent, encodeEvent } from "@amc/schemas/codec";
import type { Control } from "@amc/schemas/generated/events";
import { eventHeaders } from "@amc/schemas/headers";
import type { EventOf, TopicName } from "@amc/schemas/topics";
import { uuidOf } from "@amc/streams/kernel/ids";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { tradingDayOf } from "@amc/streams/market/sessions";
import { seededRandom } from "./seeded-random.ts";
import { factTimes } from "./simulated-market.ts";
import type { FactSlice, SliceFactAppend } from "./slices.ts";

const TICKS = "market.price-tick.v1";
/** How many slices a fact is moved at most. */
const REACH = 5;
/** Shares of the ticks of the running session that each thing happens to. */
const LATE = 0.03;
const COPIED = 0.03;
const IN_CONFLICT = 0.01;
const EARLY = 0.02;

/**
 * The same market as a bad day delivers it: facts behind their tick, copies of facts taken before,
 * other bodies under known ids, facts that come before they are public, a split with share counts
 * on both sides of it, halts whose order is lost, and an operator who changes the profile.
 */
export function disorderly(market: readonly FactSlice[], seed: number): FactSlice[] {
  const random = seededRandom(seed);
  const slices = market.map((slice) => ({ ...slice, facts: [...slice.facts] }));
  const first = slices.findIndex(({ discovery }) => discovery);
  const put = (index: number, fact: SliceFactAppend): void => {
    slices[Math.min(Math.max(index, 0), slices.length - 1)]?.facts.push(fact);
  };
  market.forEach((slice, index) => {
    if (!slice.discovery) return;
    const target = slices[index];
    if (target === undefined) return;
    const away = (): number => 1 + Math.floor(random() * REACH);
    for (const fact of slice.facts) {
      const dice = random();
      if (dice < LATE) {
        target.facts.splice(target.facts.indexOf(fact), 1);
        put(index + away(), fact);
      } else if (dice < LATE + COPIED) {
        put(index + away(), fact);
      } else if (dice < LATE + COPIED + IN_CONFLICT) {
        put(index + away(), inConflict(fact));
      } else if (dice < LATE + COPIED + IN_CONFLICT + EARLY) {
        target.facts.splice(target.facts.indexOf(fact), 1);
        put(index - away(), fact);
      }
    }
  });
  addIncidents(slices, first);
  return slices;
}

/** The identity of a fact with another volume. */
function inConflict(fact: SliceFactAppend): SliceFactAppend {
  if (fact.topic !== TICKS || fact.append.value === null) return fact;
  const decoded = decodeEvent(TICKS, fact.append.value);
  if (!decoded.ok) return fact;
  const value = encodeEvent(TICKS, { ...decoded.value, volume: decoded.value.volume + 1 });
  return { ...fact, append: { ...fact.append, value } };
}

/** A split known in time, told twice, with short interest published after it; halts; a control. */
function addIncidents(
  slices: { readonly atMs: number; facts: SliceFactAppend[] }[],
  first: number,
): void {
  const opening = slices[first];
  const symbols = [...new Set(opening?.facts.map(({ append }) => append.key ?? "") ?? [])].sort();
  const [split = "", halted = ""] = symbols;
  if (opening === undefined || split === "" || halted === "") return;
  const effectiveAt = newYorkToUtc(tradingDayOf(opening.atMs), "04:00");
  const at = (offset: number): { readonly atMs: number; facts: SliceFactAppend[] } =>
    slices[Math.min(first + offset, slices.length - 1)] ?? opening;
  for (const teller of ["first", "second"]) {
    opening.facts.push(
      incident("market.corporate-action.v1", teller, {
        ...factTimes(split, effectiveAt, opening.atMs),
        action: "SPLIT",
        effectiveAt,
        ratio: 4,
        newSymbol: null,
      }),
    );
  }
  at(2).facts.push(
    incident("short.interest.v1", "after the split", {
      ...factTimes(split, effectiveAt - 86_400_000, at(2).atMs),
      settlementDate: tradingDayOf(effectiveAt - 20 * 3_600_000),
      sharesShort: 3_000_000,
      previousSharesShort: 2_500_000,
      averageDailyVolume: null,
      daysToCover: null,
      precision: "EXACT",
      revision: false,
    }),
  );
  // The halt arrives after the resumption that ended it.
  const resumedAt = at(8).atMs;
  at(8).facts.push(haltOf(halted, "RESUMED", resumedAt, resumedAt));
  at(10).facts.push(haltOf(halted, "HALTED", resumedAt - 240_000, at(10).atMs));
  at(20).facts.push(haltOf(halted, "HALTED", at(20).atMs, at(20).atMs));
  at(25).facts.push(profileFrom(at(25).atMs));
}

function haltOf(
  symbol: string,
  status: "HALTED" | "RESUMED",
  happenedAt: number,
  publishedAt: number,
): SliceFactAppend {
  const value = { ...factTimes(symbol, happenedAt, publishedAt), status, reason: null };
  return incident("market.halt.v1", `${status}/${happenedAt}`, value);
}

function profileFrom(atMs: number): SliceFactAppend {
  const value: Control = {
    setting: "profile",
    value: "proposed",
    happenedAt: atMs,
    publishedAt: atMs,
    actor: "simulated operator",
    reason: "to be seen in every way of processing",
  };
  const topic = "ops.control.v1";
  return {
    topic,
    publishedAt: atMs,
    append: {
      topic,
      key: value.setting,
      value: encodeEvent(topic, value),
      headers: eventHeaders({
        id: uuidOf(`control/${atMs}`),
        source: "/amc/simulated",
        topic,
        happenedAt: atMs,
      }),
    },
  };
}

function incident<Topic extends TopicName>(
  topic: Topic,
  name: string,
  value: EventOf<Topic> & {
    readonly symbol: string;
    readonly happenedAt: number;
    readonly publishedAt: number;
  },
): SliceFactAppend {
  const { symbol, happenedAt, publishedAt } = value;
  const id = uuidOf(`incident/${topic}/${symbol}/${name}`);
  return {
    topic,
    publishedAt,
    append: {
      topic,
      key: symbol,
      value: encodeEvent(topic, value),
      headers: eventHeaders({ id, source: "/amc/simulated", topic, happenedAt }),
    },
  };
}
