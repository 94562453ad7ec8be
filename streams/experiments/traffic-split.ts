import { md5 } from "../kernel/md5.ts";
import { isStrategyName, type StrategyName } from "../scoring/strategies/strategy.ts";

/** One strategy of an experiment and its share of the traffic, whole percent, 1 to 100. */
export interface Arm {
  readonly strategy: StrategyName;
  readonly weight: number;
}

/** Arms in order of their names, weights summing to 100; arms without traffic are left out. */
export type TrafficSplit = readonly Arm[];

const PERCENT = 100;

/**
 * The split of some weights, by strategy: in the order of the names, because a stored object does not
 * keep its own (C-35). Null unless every name is a strategy, every weight a whole number from 0 on
 * and their sum 100.
 */
export function trafficSplitOf(
  weights: Iterable<readonly [strategy: string, weight: number]>,
): TrafficSplit | null {
  const arms = new Map<StrategyName, number>();
  let sum = 0;
  for (const [strategy, weight] of weights) {
    if (!isStrategyName(strategy) || arms.has(strategy)) return null;
    if (!Number.isInteger(weight) || weight < 0) return null;
    arms.set(strategy, weight);
    sum += weight;
  }
  if (sum !== PERCENT) return null;
  return [...arms]
    .filter(([, weight]) => weight > 0)
    .map(([strategy, weight]) => ({ strategy, weight }))
    .sort((a, b) => (a.strategy < b.strategy ? -1 : 1));
}

/**
 * Bucket of a subject in an experiment, 0 to 99: MD5 of `subject:experiment` as a 128-bit number
 * modulo 100 (R-ABT-01).
 */
export function bucketOf(subject: string, experiment: string): number {
  let remainder = 0;
  for (const byte of md5(`${subject}:${experiment}`))
    remainder = (remainder * 256 + byte) % PERCENT;
  return remainder;
}

/** The first arm whose cumulative weight is above the bucket; null when there is none. */
export function armOf(bucket: number, split: TrafficSplit): StrategyName | null {
  let cumulative = 0;
  for (const { strategy, weight } of split) {
    cumulative += weight;
    if (bucket < cumulative) return strategy;
  }
  return null;
}
