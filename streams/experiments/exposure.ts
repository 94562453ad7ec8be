import type { Exposure } from "@amc/schemas/generated/events";
import { sha256Hex } from "../kernel/sha256.ts";
import type { StrategyName } from "../scoring/strategies/strategy.ts";
import type { Experiment } from "./plan.ts";
import { armOf, bucketOf } from "./traffic-split.ts";

/** A subject in one arm of an experiment. */
export interface Exposed {
  readonly strategy: StrategyName;
  readonly exposure: Exposure;
}

/**
 * The arm of an experiment that a subject falls into: the same wherever and whenever it is asked.
 * The subject itself stays here; a hash of it tells two subjects apart (R-SEC-09).
 */
export function expose({ name, plan }: Experiment, subject: string): Exposed | null {
  const bucket = bucketOf(subject, name);
  const strategy = armOf(bucket, plan.split);
  if (strategy === null) return null;
  return { strategy, exposure: { name, bucket, subjectHash: sha256Hex(subject) } };
}
