import type { EventOf } from "@amc/schemas/topics";
import { uuidOf } from "../kernel/ids.ts";

export type Position = EventOf<"portfolio.position.v1">;

/** What a statement says of one position. */
export interface StatedPosition {
  readonly symbol: string;
  /** Shares; negative is short, 0 closed. */
  readonly quantity: number;
  /** USD per share; null when the statement does not know it. */
  readonly averageEntryPrice: number | null;
  readonly statedPrice: number | null;
  /** USD. */
  readonly statedMarketValue: number | null;
}

/** Key of a record: what is held of one symbol in one account. No account has a `/` in its name. */
export function positionKey(account: string, symbol: string): string {
  return `${account}/${symbol}`;
}

/**
 * Identity of a position's event. The same row of the same statement has the same id again, wherever it
 * is imported; `replacedId` tells apart what a later statement says about the same instant, also when it
 * goes back to what the first one said.
 */
export function positionId(
  account: string,
  asOfMs: number,
  { symbol, quantity, averageEntryPrice, statedPrice, statedMarketValue }: StatedPosition,
  replacedId: string | null,
): string {
  const stated = [quantity, averageEntryPrice, statedPrice, statedMarketValue];
  return uuidOf(JSON.stringify(["position", account, symbol, asOfMs, stated, replacedId]));
}
