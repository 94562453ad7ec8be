import type { ExcerptOf } from "@amc/schemas/excerpts";
import { runIdOf } from "../../discovery/run-id.ts";

/** Run that an evaluation belongs to; null for an evaluation between two slots. */
export function runIdOfVerdict(verdict: ExcerptOf<"signals.verdict.v1">): string | null {
  const { slot, trigger } = verdict;
  if (slot === null || (trigger !== "SLOT" && trigger !== "DAILY")) return null;
  return runIdOf({ ...verdict, slot });
}
