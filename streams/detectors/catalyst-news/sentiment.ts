import { clamp01 } from "../components.ts";

const HOUR_MS = 3_600_000;
/** News is stale after six hours (S2): that is the half-life of an item's weight. */
const HALF_LIFE_MS = 6 * HOUR_MS;
/** Older items say nothing about now. */
export const NEWS_WINDOW_MS = 24 * HOUR_MS;
const UNKNOWN_CREDIBILITY = 0.5;

/** One headline whose source states a polarity. */
export interface ScoredHeadline {
  readonly source: string;
  /** UTC ms. */
  readonly publishedAt: number;
  /** -1 to 1. */
  readonly polarity: number;
  /** 0 to 1; null when the outlet is unknown. */
  readonly credibility: number | null;
}

export interface NewsConsensus {
  /** 0 to 1: the weighted polarity, negative news counting as 0. */
  readonly sentiment: number;
  /** Mean credibility by weight of age, 0 to 1. */
  readonly confidence: number;
  /** Outlets behind it. */
  readonly sources: number;
}

/**
 * Polarity of the last 24 hours at `at` (UTC ms), weighted by credibility and halved every six
 * hours (domain-facts §4.4). Items are taken in the order given; null when none is in the window.
 */
export function newsConsensus(items: readonly ScoredHeadline[], at: number): NewsConsensus | null {
  let weights = 0;
  let weighted = 0;
  let decays = 0;
  const outlets = new Set<string>();
  for (const { source, publishedAt, polarity, credibility } of items) {
    const age = at - publishedAt;
    if (age < 0 || age > NEWS_WINDOW_MS) continue;
    const decay = 0.5 ** (age / HALF_LIFE_MS);
    const weight = (credibility ?? UNKNOWN_CREDIBILITY) * decay;
    weights += weight;
    weighted += weight * polarity;
    decays += decay;
    outlets.add(source);
  }
  if (weights === 0) return null;
  return {
    sentiment: clamp01(weighted / weights),
    confidence: clamp01(weights / decays),
    sources: outlets.size,
  };
}
