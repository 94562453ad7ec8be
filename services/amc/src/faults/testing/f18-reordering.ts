import type { Log } from "@amc/platform/log/port";
import { recordsOf } from "@amc/replay/log-digests";
import { seededRandom, shuffled } from "@amc/replay/seeded-random";
import type { FactSlice, SliceFactAppend } from "@amc/replay/slices";
import { decodeEvent } from "@amc/schemas/codec";
import type { Fault, FaultOutcome, FaultScope } from "./fault.ts";
import { strikeArrivals } from "./struck-arrivals.ts";

const FEATURES = "signals.features.v1";
/** Of the facts of the running session. */
const MOVED = 0.05;
/** Slices that a fact comes too early or too late, at most. */
const REACH = 5;
const LATE_FLAG = "late-fact";

export const REORDERING: Fault = {
  id: "F18",
  title: `facts of a slice in any order and up to ${REACH} slices early; every second market up to ${REACH} slices late`,
  invariant:
    "in time: topics and tables as in order; late: as a process in memory makes of late facts, and marked in the features of just those symbols",
  control: "a clock that closes slices before their facts are there",
  strikes: { full: 20, reduced: 2, control: 1 },
  run,
};

function run(scope: FaultScope): Promise<FaultOutcome> {
  const random = seededRandom(scope.seed);
  let late: ReadonlySet<string> = new Set();
  let markets = 0;
  const arrive = (facts: readonly FactSlice[]) => {
    markets += 1;
    const isLate = scope.build === "broken" || markets % 2 === 0;
    const moved = move(facts, isLate ? 1 : -1, random);
    late = isLate ? moved.symbols : new Set();
    const written = moved.slices.map((slice) => ({
      ...slice,
      facts: shuffled(slice.facts, random),
    }));
    const golden = isLate && scope.build === "sound" ? moved.slices : facts;
    return { written, golden, strikes: 1 };
  };
  return strikeArrivals({ arrive, examine: (log) => examineMarks(log, late) }, scope, random);
}

/** Puts a share of the session's facts into a later or an earlier slice of it. */
function move(
  facts: readonly FactSlice[],
  direction: 1 | -1,
  random: () => number,
): { readonly slices: readonly FactSlice[]; readonly symbols: ReadonlySet<string> } {
  const symbols = new Set<string>();
  const moved: SliceFactAppend[][] = facts.map(() => []);
  for (const [index, slice] of facts.entries()) {
    for (const fact of slice.facts) {
      const target = index + direction * Math.ceil(random() * REACH);
      const isMoved = slice.discovery && facts[target]?.discovery === true && random() < MOVED;
      moved[isMoved ? target : index]?.push(fact);
      if (isMoved) symbols.add(fact.append.key ?? "");
    }
  }
  return {
    slices: facts.map((slice, index) => ({ ...slice, facts: moved[index] ?? [] })),
    symbols,
  };
}

async function examineMarks(log: Log, late: ReadonlySet<string>): Promise<string[]> {
  const marked = new Set<string>();
  for await (const { key, value } of recordsOf(log, FEATURES)) {
    const decoded = decodeEvent(FEATURES, value ?? new Uint8Array());
    if (decoded.ok && decoded.value.flags.includes(LATE_FLAG)) marked.add(key ?? "");
  }
  return [...new Set([...late, ...marked])].flatMap((symbol) => {
    if (!marked.has(symbol)) return [`${symbol}: late and not marked`];
    return late.has(symbol) ? [] : [`${symbol}: marked and not late`];
  });
}
