import { LEFT_OUT } from "../universe/universe.ts";

/** Marks of a features event; the doc of its `flags` names each of them. */
export const FEATURE_FLAGS = [
  "suspect-print",
  "suspect:unexplained-jump",
  "halted",
  "late-fact",
  "mixed-scopes",
  "short-interest-extreme",
  "iv-expansion-potential",
  LEFT_OUT,
] as const;
export type FeatureFlag = (typeof FEATURE_FLAGS)[number];
