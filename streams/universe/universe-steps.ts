import { isAtLeast, KEPT_MAX, type Universe } from "./universe.ts";

/** A run of a discovery slot and how long the stages took for it. */
export interface TimedRun {
  /** Instant of the tick that fired it, UTC ms. */
  readonly happenedAt: number;
  readonly executionMs: number;
}

/** What a symbol trades a day, USD; null when nobody knows. */
export interface TradedSymbol {
  readonly symbol: string;
  readonly usd: number | null;
}

export type UniverseStep = "reduce" | "restore";

/** One slow run may be a hiccup of the machine; at a slot every 15 minutes two are half an hour. */
export const SLOW_RUNS = 2;
/** Slower back than down, so that a universe does not swing with a load that comes and goes. */
export const QUICK_RUNS = 4;
/** A step back doubles the work, so only half of the limit leaves room for it. */
const QUICK_SHARE = 0.5;

/**
 * What the runs since the last decision about the universe, newest first, ask for: a reduction after
 * `SLOW_RUNS` in a row above the limit, ms, a step back after `QUICK_RUNS` in a row within half of it.
 */
export function stepAfter(runs: readonly TimedRun[], limitMs: number): UniverseStep | null {
  const isRow = (length: number, holds: (run: TimedRun) => boolean): boolean =>
    runs.length >= length && runs.slice(0, length).every(holds);
  if (isRow(SLOW_RUNS, ({ executionMs }) => executionMs > limitMs)) return "reduce";
  if (isRow(QUICK_RUNS, ({ executionMs }) => executionMs <= limitMs * QUICK_SHARE)) {
    return "restore";
  }
  return null;
}

export interface UniverseChange {
  readonly universe: Universe;
  /** Symbols at or above the floor, as they traded when it was chosen. */
  readonly above: number;
  /** Symbols there are. */
  readonly known: number;
}

interface UniverseFacts {
  readonly inForce: Universe;
  /** What operators have decided: a step back ends there, and what it keeps is kept. */
  readonly ordered: Universe;
  /** Every symbol once. */
  readonly symbols: readonly TradedSymbol[];
  /** Symbols that must stay, the most important first. */
  readonly keep: readonly string[];
  /** A reduction goes no further. */
  readonly leastSymbols: number;
}

/**
 * Halves what is evaluated, or doubles it until it is the whole universe: the symbols that trade most
 * stay, and those to keep below them. Null when there is nothing left to give or to take back.
 */
export function universeAfter(step: UniverseStep, facts: UniverseFacts): UniverseChange | null {
  const { inForce, ordered, symbols, leastSymbols } = facts;
  const evaluated = countFrom(symbols, inForce.floorUsd);
  if (step === "restore") {
    if (!isBeyond(inForce, ordered)) return null;
    return withFloorFor(Math.max(2 * evaluated, leastSymbols), facts);
  }
  const target = Math.max(Math.floor(evaluated / 2), leastSymbols);
  if (target >= evaluated) return null;
  const change = withFloorFor(target, facts);
  // Symbols that trade the same stay together: then there may be no floor between them.
  return isBeyond(change.universe, inForce) ? change : null;
}

/** Whether a universe leaves more out than another. */
export function isBeyond(universe: Universe, other: Universe): boolean {
  return universe.floorUsd > other.floorUsd;
}

function withFloorFor(target: number, facts: UniverseFacts): UniverseChange {
  const { ordered, symbols } = facts;
  const traded = symbols.flatMap(({ usd }) => usd ?? []).sort((a, b) => b - a);
  const floorUsd = target < symbols.length ? Math.floor(traded[target - 1] ?? 0) : 0;
  const floored = { floorUsd, keep: keptBelow(floorUsd, facts) };
  const universe = isBeyond(floored, ordered) ? floored : ordered;
  return { universe, above: countFrom(symbols, universe.floorUsd), known: symbols.length };
}

function keptBelow(floorUsd: number, { ordered, symbols, keep }: UniverseFacts): string[] {
  const below = new Set<string>();
  for (const { symbol, usd } of symbols) if (!isAtLeast(usd, floorUsd)) below.add(symbol);
  const wanted = new Set([...ordered.keep, ...keep]);
  return [...wanted].filter((symbol) => below.has(symbol)).slice(0, KEPT_MAX);
}

function countFrom(symbols: readonly TradedSymbol[], floorUsd: number): number {
  return symbols.filter(({ usd }) => isAtLeast(usd, floorUsd)).length;
}
