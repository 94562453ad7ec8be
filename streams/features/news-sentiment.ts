import type { MissingReason } from "./missing-values.ts";
import type { KnownNews } from "./reference-state.ts";

const HOUR_MS = 3_600_000;
/** Items older than this are ignored; the weight of one halves every six hours (domain-facts §4.4). */
const IGNORED_AFTER_HOURS = 24;
const HALF_LIFE_HOURS = 6;
const UNKNOWN_CREDIBILITY = 0.5;

export interface Sentiment {
  /** 0 to 1; negative sums count as 0. */
  readonly value: number;
  readonly confidence: number;
  /** Sources that state a polarity. */
  readonly outlets: number;
}

/**
 * Weighted polarity of the items published in the last 24 hours; null where no item states a
 * polarity. Credibility weights an item, age halves it every six hours.
 */
export function newsSentiment(news: readonly KnownNews[], atMs: number): Sentiment | null {
  let weighted = 0;
  let weights = 0;
  let confidence = 0;
  const outlets = new Set<string>();
  for (const item of news) {
    const ageHours = (atMs - item.publishedAt) / HOUR_MS;
    if (item.polarity === null || ageHours > IGNORED_AFTER_HOURS) continue;
    const weight = (item.credibility ?? UNKNOWN_CREDIBILITY) * 0.5 ** (ageHours / HALF_LIFE_HOURS);
    weighted += weight * item.polarity;
    weights += weight;
    confidence = Math.max(confidence, item.confidence);
    outlets.add(item.source);
  }
  if (weights === 0) return null;
  const value = Math.min(1, Math.max(0, weighted / weights));
  return { value, confidence, outlets: outlets.size };
}

/**
 * Why `newsSentiment` is null: what was stated is older than 24 hours, or nothing was. An outlet
 * without any credibility states nothing.
 */
export function whyNoSentiment(news: readonly KnownNews[]): MissingReason {
  const stated = news.some(({ polarity, credibility }) => polarity !== null && credibility !== 0);
  return stated ? "stale" : "no-source";
}

/** Calendar days to the nearest dated event still ahead, and the item that announces it. */
export function nextEvent(
  news: readonly KnownNews[],
  atMs: number,
): { readonly days: number; readonly item: KnownNews } | null {
  let nearest: { days: number; item: KnownNews } | null = null;
  for (const item of news) {
    if (item.eventAt === null || item.eventAt < atMs) continue;
    const days = (item.eventAt - atMs) / (24 * HOUR_MS);
    if (nearest === null || days < nearest.days) nearest = { days, item };
  }
  return nearest;
}
