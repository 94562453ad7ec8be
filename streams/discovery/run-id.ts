import type { SlotClosed } from "@amc/schemas/generated/events";
import { derivedId } from "../kernel/ids.ts";

/** What tells one run from every other. */
type RunIdentity = Pick<SlotClosed, "strategy" | "profile" | "configVersion" | "slot" | "trigger">;

/** The trigger enters too: at a close the daily instant and an afterhours slot coincide. */
export function runIdOf(identity: RunIdentity): string {
  const { strategy, profile, configVersion, slot, trigger } = identity;
  return derivedId("discovery-run", 1, [strategy, profile, configVersion, String(slot), trigger]);
}
