import type { Label } from "@amc/schemas/generated/events";
import { reaches } from "../detectors/components.ts";
import type { LabelLimits } from "../gates/profiles.ts";

export function labelOf(score: number, limits: LabelLimits): Label {
  if (reaches(score, limits.tradeReady)) return "TRADE_READY";
  return reaches(score, limits.watchlist) ? "WATCHLIST" : "NONE";
}
