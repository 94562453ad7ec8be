import type { Features } from "@amc/schemas/generated/events";
import { canonicalSymbol } from "../facts/symbol.ts";

/**
 * Which symbols a slot evaluates. Every symbol is asked by itself, so that neither the number of
 * partitions nor what other symbols do decides about it.
 */
export interface Universe {
  /** Least dollar volume a day, USD; 0 evaluates every symbol. */
  readonly floorUsd: number;
  /** Symbols that are evaluated whatever they trade. */
  readonly keep: readonly string[];
}

export const WHOLE_UNIVERSE: Universe = { floorUsd: 0, keep: [] };

/** Mark of a features event whose symbol the universe of its slot left out. */
export const LEFT_OUT = "universe-reduced";

/** A decision holds 2,048 characters, the longest symbol with its comma takes 11. */
export const KEPT_MAX = 180;

/** What `parseUniverse` takes besides `all`, for people. */
export const UNIVERSE_FORM = "<dollars a day>, <dollars a day> keep <symbol>,<symbol>";

const WHOLE = "all";
// A quadrillion is more than all markets trade in a day; whole dollars, so that text and number agree.
const REDUCED = /^([1-9]\d{0,14})(?: keep ([^ ]+))?$/;

/** The universe that a setting's value names; null when it names none. */
export function parseUniverse(text: string): Universe | null {
  if (text === WHOLE) return WHOLE_UNIVERSE;
  const [, floor, list] = REDUCED.exec(text) ?? [];
  if (floor === undefined) return null;
  const keep = list === undefined ? [] : list.split(",");
  const areSymbols = keep.every((symbol) => canonicalSymbol(symbol) === symbol);
  if (!areSymbols || keep.length > KEPT_MAX) return null;
  return { floorUsd: Number(floor), keep };
}

/** What `parseUniverse` reads as this universe. */
export function universeText({ floorUsd, keep }: Universe): string {
  if (floorUsd === 0) return WHOLE;
  return keep.length === 0 ? String(floorUsd) : `${floorUsd} keep ${keep.join(",")}`;
}

type Traded = Pick<Features, "symbol" | "dollarVolume" | "adv30" | "prevClose">;

/**
 * USD a day: what was traded today or what is usual, whichever is more, so that a quiet symbol that
 * wakes up comes back by itself and nothing leaves in the middle of a day. Null when neither is known.
 */
export function dailyDollarVolume({ dollarVolume, adv30, prevClose }: Traded): number | null {
  const usual = adv30 === null || prevClose === null ? null : adv30 * prevClose;
  if (dollarVolume === null || usual === null) return dollarVolume ?? usual;
  return Math.max(dollarVolume, usual);
}

/** Whether a dollar volume reaches a floor; one that nobody knows reaches none but 0. */
export function isAtLeast(usd: number | null, floorUsd: number): boolean {
  return floorUsd === 0 || (usd !== null && usd >= floorUsd);
}

/** Whether a slot evaluates the symbol. */
export function isEvaluated(features: Traded, { floorUsd, keep }: Universe): boolean {
  if (floorUsd === 0) return true;
  return isAtLeast(dailyDollarVolume(features), floorUsd) || keep.includes(features.symbol);
}

/** Whether the slot of a features event left its symbol out. */
export function isLeftOut({ flags }: Pick<Features, "flags">): boolean {
  return flags.includes(LEFT_OUT);
}
