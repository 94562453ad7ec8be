import type { TopicName } from "@amc/schemas/topics";
import type { Provenance } from "./reference-state.ts";

/** Facts that entered, by the role they played. */
export interface UsedFacts {
  readonly role: string;
  readonly topic: TopicName;
  /** Newest first. */
  readonly facts: readonly Provenance[];
}
