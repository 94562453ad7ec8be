import type { Verdict } from "@amc/schemas/generated/events";
import { derivedId } from "../../kernel/ids.ts";

/**
 * Run that an evaluation belongs to, by the identity the discovery stage gives its runs; null for
 * an evaluation between two slots.
 */
export function runIdOfVerdict(verdict: Verdict): string | null {
  const { strategy, profile, configVersion, slot, trigger } = verdict;
  if (slot === null || (trigger !== "SLOT" && trigger !== "DAILY")) return null;
  return derivedId("discovery-run", 1, [strategy, profile, configVersion, String(slot), trigger]);
}
