import type { Variables } from "../config/variables.ts";
import type { CallWindow } from "./call-windows.ts";
import { slidingWindow, tokenBucket } from "./call-windows.ts";
import type { BreakerLimits } from "./circuit-breaker.ts";
import type { RetryPolicy } from "./retry-wait.ts";

/**
 * Who says something of the market. Names as events, tables and metrics have them: those of the second
 * seed, yahoo (C-46), all feeds, a broker.
 */
export const PROVIDERS = [
  "finra_short",
  "yahoo",
  "alpha_vantage",
  "polygon",
  "rss",
  "alpaca",
] as const;
export type DataProvider = (typeof PROVIDERS)[number];
/** Everybody who is called; twilio and anthropic are told something and say nothing of the market. */
export type Provider = DataProvider | "twilio" | "anthropic";

/** What one provider allows and how long it is waited for (domain-facts §7). */
export interface ProviderLimits {
  readonly windows: readonly CallWindow[];
  readonly breaker: BreakerLimits;
  readonly retry: RetryPolicy;
  /** For one sending with its whole answer. */
  readonly deadlineMs: number;
  /** Connections kept open. */
  readonly connections: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const RETRY: RetryPolicy = {
  attempts: 3,
  firstWaitMs: 2_000,
  factor: 2,
  maxWaitMs: 60_000,
  jitter: 0.25,
};
/** reliability.md B11; where a seed states another the provider has it. */
const DEADLINE_MS = 10_000;
const CONNECTIONS = 4;
const FEED_CALLS_PER_MINUTE = 60;
/** Twilio takes one message a second from a number and queues the others; a question counts as one. */
const MESSAGES_PER_MINUTE = 60;

/** Stretch of time in which the calls of a provider are counted against what it allows in the long run. */
export const ALLOWANCE_WINDOW_MS: Readonly<Record<DataProvider, number>> = {
  finra_short: MINUTE_MS,
  yahoo: MINUTE_MS,
  alpha_vantage: DAY_MS,
  polygon: MINUTE_MS,
  rss: MINUTE_MS,
  alpaca: MINUTE_MS,
};

type RateVariables = Pick<
  Variables,
  | "FINRA_API_RATE_LIMIT"
  | "YAHOO_FINANCE_RATE_LIMIT"
  | "ALPHA_VANTAGE_DAILY_LIMIT"
  | "POLYGON_RATE_LIMIT"
  | "ALPACA_RATE_LIMIT"
>;

/** Calls that each provider allows within its window; of Yahoo, without the burst at the beginning. */
export function callAllowances(variables: RateVariables): Readonly<Record<DataProvider, number>> {
  return {
    finra_short: variables.FINRA_API_RATE_LIMIT,
    yahoo: 60 * variables.YAHOO_FINANCE_RATE_LIMIT,
    alpha_vantage: variables.ALPHA_VANTAGE_DAILY_LIMIT,
    polygon: variables.POLYGON_RATE_LIMIT,
    rss: FEED_CALLS_PER_MINUTE,
    alpaca: variables.ALPACA_RATE_LIMIT,
  };
}

/** Windows are made anew with every call: share the answer among all jobs of a provider. */
export function providerLimits(provider: Provider, variables: Variables): ProviderLimits {
  const usual = { retry: RETRY, deadlineMs: DEADLINE_MS, connections: CONNECTIONS };
  switch (provider) {
    case "finra_short": {
      const { FINRA_CIRCUIT_BREAKER_THRESHOLD, FINRA_CIRCUIT_BREAKER_TIMEOUT } = variables;
      return {
        ...usual,
        windows: [perMinute(variables.FINRA_API_RATE_LIMIT)],
        breaker: breaker(FINRA_CIRCUIT_BREAKER_THRESHOLD, FINRA_CIRCUIT_BREAKER_TIMEOUT, 2),
      };
    }
    case "yahoo":
      return {
        windows: [
          tokenBucket(2 * variables.YAHOO_FINANCE_RATE_LIMIT, variables.YAHOO_FINANCE_RATE_LIMIT),
        ],
        breaker: breaker(5, 300, 1),
        retry: { ...RETRY, attempts: variables.YAHOO_FINANCE_RETRY_ATTEMPTS + 1 },
        deadlineMs: variables.YAHOO_FINANCE_TIMEOUT * 1000,
        connections: variables.YAHOO_FINANCE_CONNECTION_POOL_SIZE,
      };
    case "alpha_vantage": {
      const { ALPHA_VANTAGE_CIRCUIT_BREAKER_THRESHOLD, ALPHA_VANTAGE_CIRCUIT_BREAKER_TIMEOUT } =
        variables;
      return {
        ...usual,
        windows: [
          perMinute(variables.ALPHA_VANTAGE_RATE_LIMIT),
          // Whatever day the provider counts by, no 24 hours hold more.
          slidingWindow(variables.ALPHA_VANTAGE_DAILY_LIMIT, DAY_MS),
        ],
        breaker: breaker(
          ALPHA_VANTAGE_CIRCUIT_BREAKER_THRESHOLD,
          ALPHA_VANTAGE_CIRCUIT_BREAKER_TIMEOUT,
          1,
        ),
      };
    }
    case "polygon": {
      const { POLYGON_CIRCUIT_BREAKER_THRESHOLD, POLYGON_CIRCUIT_BREAKER_TIMEOUT } = variables;
      return {
        ...usual,
        windows: [perMinute(variables.POLYGON_RATE_LIMIT)],
        breaker: breaker(POLYGON_CIRCUIT_BREAKER_THRESHOLD, POLYGON_CIRCUIT_BREAKER_TIMEOUT, 3),
      };
    }
    case "alpaca":
      return {
        ...usual,
        windows: [perMinute(variables.ALPACA_RATE_LIMIT)],
        breaker: breaker(5, 300, 1),
      };
    case "twilio":
      // A message that may have been taken is not sent again before Twilio was asked: the sender tries again.
      return {
        ...usual,
        retry: { ...RETRY, attempts: 1 },
        windows: [perMinute(MESSAGES_PER_MINUTE)],
        breaker: breaker(5, 60, 1),
      };
    case "anthropic":
      return anthropicLimits(variables);
    case "rss":
      // Nobody states what feeds allow: as many calls as FINRA, patience as with Yahoo.
      return { ...usual, windows: [perMinute(FEED_CALLS_PER_MINUTE)], breaker: breaker(5, 300, 1) };
  }
}

function anthropicLimits(variables: Variables): ProviderLimits {
  const { ANTHROPIC_CIRCUIT_BREAKER_THRESHOLD, ANTHROPIC_CIRCUIT_BREAKER_TIMEOUT } = variables;
  return {
    // What did not come may be written and paid for all the same: a person asks again, and nobody else.
    retry: { ...RETRY, attempts: 1 },
    deadlineMs: variables.ANTHROPIC_TIMEOUT * 1000,
    connections: 1,
    windows: [
      perMinute(variables.ANTHROPIC_RATE_LIMIT),
      slidingWindow(variables.ANTHROPIC_DAILY_LIMIT, DAY_MS),
    ],
    breaker: breaker(ANTHROPIC_CIRCUIT_BREAKER_THRESHOLD, ANTHROPIC_CIRCUIT_BREAKER_TIMEOUT, 1),
  };
}

function breaker(failures: number, seconds: number, successes: number): BreakerLimits {
  return { failures, openMs: seconds * 1000, successes };
}

function perMinute(calls: number): CallWindow {
  return slidingWindow(calls, MINUTE_MS);
}

/** Whether breakers are in force: a development system may do without (R-ING-15). */
export function areBreakersOn(variables: Variables): boolean {
  const isOffForDevelopment =
    variables.NODE_ENV === "development" && variables.DEV_CIRCUIT_BREAKER_DISABLED;
  return variables.CIRCUIT_BREAKER_GLOBAL_ENABLED && !isOffForDevelopment;
}
