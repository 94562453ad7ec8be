import type { Label } from "@amc/schemas/generated/events";

const RANKS: Readonly<Record<Label, number>> = { NONE: 0, WATCHLIST: 1, TRADE_READY: 2 };

/** True when `label` stands higher than `than`. */
export function isHigher(label: Label, than: Label): boolean {
  return RANKS[label] > RANKS[than];
}
