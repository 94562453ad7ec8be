import type { Label } from "@amc/schemas/generated/events";
import { reaches } from "../detectors/components.ts";
import type { LabelLimits } from "../gates/profiles.ts";

export function labelOf(score: number, limits: LabelLimits): Label {
  if (reaches(score, limits.tradeReady)) return "TRADE_READY";
  return reaches(score, limits.watchlist) ? "WATCHLIST" : "NONE";
}

const RANKS: Readonly<Record<Label, number>> = { NONE: 0, WATCHLIST: 1, TRADE_READY: 2 };

/** Ascending order of labels: 0 none, 1 watchlist, 2 trade ready. */
export function labelRank(label: Label): number {
  return RANKS[label];
}
