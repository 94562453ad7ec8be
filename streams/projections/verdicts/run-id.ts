import type { Verdict } from "@amc/schemas/generated/events";
import { runIdOf } from "../../discovery/run-id.ts";

/** Run that an evaluation belongs to; null for an evaluation between two slots. */
export function runIdOfVerdict(verdict: Verdict): string | null {
  const { slot, trigger } = verdict;
  if (slot === null || (trigger !== "SLOT" && trigger !== "DAILY")) return null;
  return runIdOf({ ...verdict, slot });
}
