import { DAY_MS } from "./calendar-date.ts";

const HOUR_MS = 3_600_000;

/** Longest age at which information counts as fresh, and from which of its times. */
export interface ShelfLife {
  readonly maxAgeMs: number;
  readonly from: "happenedAt" | "publishedAt";
}

/**
 * By the role that information has among the inputs of features. Limits of domain-facts §6 and §8;
 * where those are silent the comment gives the reason.
 */
const SHELF_LIVES = {
  sessionTicks: { maxAgeMs: 15 * 60_000, from: "happenedAt" },
  // Completed sessions do not age while the exchange is closed: 4 calendar days is its longest
  // regular closure (a holiday beside a weekend), so an older newest bar means a broken feed.
  dailyBars: { maxAgeMs: 5 * DAY_MS, from: "happenedAt" },
  shortInterest: { maxAgeMs: 14 * DAY_MS, from: "publishedAt" },
  shortVolume: { maxAgeMs: 36 * HOUR_MS, from: "publishedAt" },
  // Published twice a month like short interest.
  failsToDeliver: { maxAgeMs: 14 * DAY_MS, from: "publishedAt" },
  // Quarterly filings; the annual one follows the third quarter's after up to 135 days.
  floatShares: { maxAgeMs: 135 * DAY_MS, from: "publishedAt" },
  sharesOutstanding: { maxAgeMs: 135 * DAY_MS, from: "publishedAt" },
  // Daily figures, as daily short volume.
  borrowFee: { maxAgeMs: 36 * HOUR_MS, from: "publishedAt" },
  utilisation: { maxAgeMs: 36 * HOUR_MS, from: "publishedAt" },
  thresholdList: { maxAgeMs: 36 * HOUR_MS, from: "publishedAt" },
  options: { maxAgeMs: 24 * HOUR_MS, from: "happenedAt" },
  news: { maxAgeMs: 6 * HOUR_MS, from: "publishedAt" },
} as const satisfies Readonly<Record<string, ShelfLife>>;

/** Limits that an operator may move, ms (R-ENV-25). */
export interface StalenessLimits {
  /** Prices of the session. */
  readonly marketMs: number;
  readonly optionsMs: number;
  readonly newsMs: number;
}

export const DEFAULT_STALENESS: StalenessLimits = {
  marketMs: SHELF_LIVES.sessionTicks.maxAgeMs,
  optionsMs: SHELF_LIVES.options.maxAgeMs,
  newsMs: SHELF_LIVES.news.maxAgeMs,
};

/** A kind of information that ages; a split or a halt holds until the next one. */
export type Shelf = keyof typeof SHELF_LIVES;

const BY_ROLE: Readonly<Record<string, ShelfLife | undefined>> = SHELF_LIVES;

/** Undefined for a role that does not age. */
export function shelfLifeOf(role: string, limits: StalenessLimits): ShelfLife | undefined {
  const life = BY_ROLE[role];
  const moved = movedLimit(role, limits);
  return life === undefined || moved === null || moved === life.maxAgeMs
    ? life
    : { ...life, maxAgeMs: moved };
}

/** Null for information whose limit is no operator's to move. */
function movedLimit(role: string, { marketMs, optionsMs, newsMs }: StalenessLimits): number | null {
  switch (role) {
    case "sessionTicks":
      return marketMs;
    case "options":
      return optionsMs;
    case "news":
      return newsMs;
    default:
      return null;
  }
}

/** Whether information was older than its limit at an instant, such as that of its capture. */
export function isStale(
  shelf: Shelf,
  times: { readonly happenedAt: number; readonly publishedAt: number },
  atMs: number,
  limits: StalenessLimits,
): boolean {
  const { from, maxAgeMs }: ShelfLife = SHELF_LIVES[shelf];
  return atMs - times[from] > (movedLimit(shelf, limits) ?? maxAgeMs);
}

/** 1 up to `maxAge`, then exp(-0.5 (age/max - 1)) down to 0.1 (domain-facts §6). Same unit twice. */
export function freshnessFactor(age: number, maxAge: number): number {
  if (age <= maxAge) return 1;
  return Math.max(0.1, Math.exp(-0.5 * (age / maxAge - 1)));
}
