import type { TopicName } from "@amc/schemas/topics";
import type { KnownFigure, Provenance } from "./reference-state.ts";

/** What facts can be to a features event; the doc of `Input.role` names each of them. */
export const INPUT_ROLES = [
  "sessionTicks",
  "dailyBars",
  "shortInterest",
  "shortVolume",
  "failsToDeliver",
  "floatShares",
  "sharesOutstanding",
  "borrowFee",
  "utilisation",
  "thresholdList",
  "options",
  "volatilityHistory",
  "news",
  "corporateActions",
  "halts",
] as const;
export type InputRole = (typeof INPUT_ROLES)[number];

/** Facts that entered, by the role they played. */
export interface UsedFacts {
  readonly role: InputRole;
  readonly topic: TopicName;
  /** Newest first. */
  readonly facts: readonly Provenance[];
  /** The one whose vendor, confidence and times are named; the newest unless it is stated. */
  readonly stands?: Provenance;
}

/** Adds the one fact behind a figure, where there is one. */
export function figureUsed(
  figure: KnownFigure | undefined,
  role: InputRole,
  used: UsedFacts[],
): void {
  if (figure !== undefined) used.push({ role, topic: "market.reference.v1", facts: [figure] });
}
