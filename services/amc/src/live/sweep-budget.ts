import type { Variables } from "@amc/platform/config/variables";

/** What asking one source about the whole universe once costs. */
export interface SweepBudget {
  readonly provider: string;
  readonly what: string;
  readonly calls: number;
  /** Calls a second that the provider's limits let through in the long run; beside prices, what they leave of it. */
  readonly callsPerSecond: number;
  /** How often it is wanted, seconds. */
  readonly wantedEverySeconds: number;
  /** How often it is possible: the first multiple of what is wanted within which a sweep ends. */
  readonly everySeconds: number;
}

export interface SweepQuestion {
  readonly variables: Variables;
  /** Symbols that are watched; 0 where the whole market is and nothing is asked by symbol. */
  readonly symbols: number;
  readonly prices: "yahoo" | "polygon" | null;
}

const MINUTE_S = 60;
const DAY_S = 86_400;
/** Seconds between two questions about the same thing. */
export const SWEEP_SECONDS = {
  prices: MINUTE_S,
  news: 5 * MINUTE_S,
  /** `SHORT_INTEREST_UPDATE_FREQUENCY` of the planning documents, 720 minutes. */
  statistics: 12 * 60 * MINUTE_S,
  /** Whoever has an answer of the session is not asked about again. */
  options: 60 * MINUTE_S,
} as const;
/** FINRA's whole market is about five pages per settlement date and one file a day. */
const FINRA_CALLS_A_DAY = 6;
const FEED_CALLS_A_SECOND = 1;

/** The budget of each source that is asked, in the order in which they matter. */
export function sweepBudgets({ variables, symbols, prices }: SweepQuestion): SweepBudget[] {
  const polygon = variables.POLYGON_RATE_LIMIT / MINUTE_S;
  const budgets: SweepBudget[] = [];
  let yahoo = variables.YAHOO_FINANCE_RATE_LIMIT;
  if (prices === "yahoo") {
    const sweep = budgetOf("yahoo", "newest minutes", symbols, yahoo, SWEEP_SECONDS.prices);
    budgets.push(sweep);
    // All else waits for them, and shares the rest.
    yahoo -= sweep.calls / sweep.everySeconds;
  }
  if (prices === "polygon") {
    // One snapshot has them all.
    budgets.push(budgetOf("polygon", "newest minutes", 1, polygon, SWEEP_SECONDS.prices));
  }
  if (variables.YAHOO_FINANCE_ENABLED && symbols > 0) {
    const every = SWEEP_SECONDS.statistics;
    budgets.push(budgetOf("yahoo", "float and short interest", symbols, yahoo, every));
    budgets.push(budgetOf("yahoo", "headlines by search", symbols, yahoo, SWEEP_SECONDS.news));
    // At the most: an underlying whose first expiry is today's takes a second call.
    budgets.push(budgetOf("yahoo", "options at the close", 2 * symbols, yahoo, DAY_S));
  }
  if (symbols > 0) {
    budgets.push(budgetOf("rss", "headlines", symbols, FEED_CALLS_A_SECOND, SWEEP_SECONDS.news));
  }
  const finra = variables.FINRA_API_RATE_LIMIT / MINUTE_S;
  budgets.push(budgetOf("finra_short", "the whole market", FINRA_CALLS_A_DAY, finra, DAY_S));
  return budgets;
}

/** A sweep begins on whole multiples of its period: one that fills it would begin a whole period late. */
function budgetOf(
  provider: string,
  what: string,
  calls: number,
  callsPerSecond: number,
  wantedEverySeconds: number,
): SweepBudget {
  const periods = Math.floor(calls / callsPerSecond / wantedEverySeconds) + 1;
  const everySeconds = periods * wantedEverySeconds;
  return { provider, what, calls, callsPerSecond, wantedEverySeconds, everySeconds };
}

/** For people: `yahoo: newest minutes: 3 calls a sweep of at most 5 a second, every 60 s`. */
export function budgetText(budget: SweepBudget): string {
  const { provider, what, calls, callsPerSecond, wantedEverySeconds, everySeconds } = budget;
  const limit =
    Number.isInteger(callsPerSecond) && callsPerSecond > 0
      ? `${callsPerSecond} a second`
      : `${Number((callsPerSecond * MINUTE_S).toFixed(2))} a minute`;
  const slower =
    everySeconds > wantedEverySeconds
      ? `, not every ${wantedEverySeconds} s: the budget is spent`
      : "";
  return `  ${provider}: ${what}: ${calls} ${calls === 1 ? "call" : "calls"} a sweep, at most ${limit}, every ${everySeconds} s${slower}`;
}
