/** One listed option with its quote; null for a side without orders. */
export interface QuotedContract {
  readonly right: "call" | "put";
  /** USD. */
  readonly strike: number;
  readonly bid: number | null;
  readonly ask: number | null;
}

/** One listed call as the gamma wall weighs it; null for what nobody stated. */
export interface WeighedCall {
  readonly strike: number;
  /** Contracts. */
  readonly openInterest: number | null;
  /** Change of its delta per dollar of the share. */
  readonly gamma: number | null;
}

/** One listed option with what happened in it on its day; null for what nobody stated. */
export interface ListedContract extends QuotedContract, WeighedCall {
  /** `yyyy-mm-dd`. */
  readonly expiry: string;
  /** Contracts traded that day. */
  readonly volume: number | null;
}

/** What a snapshot of one expiry says of its contracts. */
export interface ExpirySummary {
  readonly strike: number;
  readonly callBid: number | null;
  readonly callAsk: number | null;
  readonly putBid: number | null;
  readonly putAsk: number | null;
  readonly callVolume: number | null;
  readonly putVolume: number | null;
  readonly callOpenInterest: number | null;
  readonly putOpenInterest: number | null;
  readonly gammaWallStrike: number | null;
}

// Conventions of the option data, domain-facts §4.5.
const DAYS_AHEAD_MAX = 60;
const STRIKE_DISTANCE_MAX = 0.1;
const WALL_DISTANCE_MAX = 0.2;

/** Whether an expiry so many calendar days ahead may be the nearest one: 1 to 60. */
export function expiresSoon(daysAhead: number): boolean {
  return daysAhead >= 1 && daysAhead <= DAYS_AHEAD_MAX;
}

/**
 * The strike nearest to `spot` and at most 10 % away or, where the share's price is not known, the one at
 * which call and put cost the same: the forward lies there. null when there is none. `contracts` are in
 * the order of their strikes; of two that are as near, the lower one is taken.
 */
export function atTheMoneyStrike(
  contracts: readonly QuotedContract[],
  spot: number | null,
): number | null {
  return spot === null ? parityStrike(contracts) : strikeNear(contracts, spot);
}

function strikeNear(contracts: readonly QuotedContract[], spot: number): number | null {
  let nearest: number | null = null;
  for (const { strike } of contracts) {
    if (Math.abs(strike - spot) > STRIKE_DISTANCE_MAX * spot) continue;
    if (nearest === null || Math.abs(strike - spot) < Math.abs(nearest - spot)) nearest = strike;
  }
  return nearest;
}

function parityStrike(contracts: readonly QuotedContract[]): number | null {
  const middles = new Map<number, { call?: number; put?: number }>();
  for (const { right, strike, bid, ask } of contracts) {
    if (bid === null || ask === null) continue;
    middles.set(strike, { ...middles.get(strike), [right]: (bid + ask) / 2 });
  }
  let best: { strike: number; difference: number } | null = null;
  for (const [strike, { call, put }] of middles) {
    if (call === undefined || put === undefined) continue;
    const difference = Math.abs(call - put);
    if (best === null || difference < best.difference) best = { strike, difference };
  }
  return best?.strike ?? null;
}

/**
 * The strike above `spot` within 20 % with the largest call open interest times gamma, USD; null when
 * no call there has any of it. `calls` are in the order of their strikes.
 */
export function gammaWall(calls: readonly WeighedCall[], spot: number): number | null {
  let wall: { strike: number; weight: number } | null = null;
  for (const { strike, openInterest, gamma } of calls) {
    if (!(strike > spot && strike <= spot * (1 + WALL_DISTANCE_MAX))) continue;
    const weight = (openInterest ?? 0) * (gamma ?? 0);
    if (weight > (wall?.weight ?? 0)) wall = { strike, weight };
  }
  return wall?.strike ?? null;
}

/**
 * The contracts of one expiry, by strike, in the figures of a snapshot; null without a strike at the
 * money. Sums are null where the expiry is not `whole` or a contract does not state its share of them:
 * a part of the sum is no figure.
 */
export function expirySummary(
  contracts: readonly ListedContract[],
  spot: number | null,
  whole: boolean,
): ExpirySummary | null {
  const strike = atTheMoneyStrike(contracts, spot);
  if (strike === null) return null;
  const [calls, puts] = [sideOf(contracts, "call"), sideOf(contracts, "put")];
  const call = calls.find((one) => one.strike === strike);
  const put = puts.find((one) => one.strike === strike);
  const sum = (all: readonly ListedContract[], of: (one: ListedContract) => number | null) =>
    whole ? sumOf(all.map(of)) : null;
  return {
    strike,
    ...{ callBid: call?.bid ?? null, callAsk: call?.ask ?? null },
    ...{ putBid: put?.bid ?? null, putAsk: put?.ask ?? null },
    callVolume: sum(calls, ({ volume }) => volume),
    putVolume: sum(puts, ({ volume }) => volume),
    callOpenInterest: sum(calls, ({ openInterest }) => openInterest),
    putOpenInterest: sum(puts, ({ openInterest }) => openInterest),
    gammaWallStrike: spot === null || !whole ? null : gammaWall(calls, spot),
  };
}

function sideOf(contracts: readonly ListedContract[], right: QuotedContract["right"]) {
  return contracts.filter((one) => one.right === right);
}

/** Null as soon as one part is not known. */
function sumOf(parts: readonly (number | null)[]): number | null {
  let sum = 0;
  for (const part of parts) {
    if (part === null) return null;
    sum += part;
  }
  return sum;
}
