import { loadConfig } from "@amc/platform/config/load-config";
import type { Variables } from "@amc/platform/config/variables";
import { callAllowances, type DataProvider } from "@amc/platform/http/provider-limits";
import { DAY_MS } from "@amc/streams/market/calendar-date";
import { DEFAULT_CACHE } from "@amc/streams/projections/cache-settings";
import { DEFAULT_SHORT_INTEREST } from "@amc/streams/short-interest/rules";
import { ApiConfigError } from "./api-error.ts";
import { type ApiKey, parseApiKeys } from "./auth/api-keys.ts";
import { isLoopback } from "./auth/served-hosts.ts";

const HOUR_MS = 3_600_000;

export interface ApiConfig {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly keys: readonly ApiKey[];
  /** Addresses or networks of reverse proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  readonly metricsEnabled: boolean;
  /** Requests a key, or else an address, may make a minute. */
  readonly requestsPerMinute: number;
  /** Age of the oldest record not yet projected above which the API is not ready. */
  readonly readyMaxLagMs: number;
  /** Event streams open at once. */
  readonly maxStreams: number;
  /** The configured one, which an operator's control event may override; see `strategyInForce`. */
  readonly activeStrategy: string;
  /** A run that took longer, ms, is late: `/health` and `/metrics` say so. */
  readonly maxRunMs: number;
  /** Prefix of cached discovery answers; that of the projector. */
  readonly cacheKeyPrefix: string;
  /** Prefix of cached answers about experiments; that of the projector. */
  readonly experimentCacheKeyPrefix: string;
  /** Whether runs may take part in experiments; an operator may decide otherwise. */
  readonly experimentsEnabled: boolean;
  /** Short interest that was published longer ago, ms, is not fresh. */
  readonly shortInterestMaxAgeMs: number;
  /** How long the history of a symbol's short interest is kept in the cache. */
  readonly shortInterestCacheSeconds: number;
  /** After its publication by the calendar for so long, ms, a report that is missing is not late. */
  readonly finraBufferMs: number;
  /** FINRA is to have answered within so long, ms. */
  readonly finraCheckedWithinMs: number;
  /** Calls that each provider allows within its window. */
  readonly callAllowances: Readonly<Record<DataProvider, number>>;
  /** A client that takes nothing for this long is disconnected. */
  readonly streamIdleMs: number;
  readonly heartbeatMs: number;
  readonly retryMs: number;
}

export const DEFAULT_API_CONFIG: ApiConfig = {
  host: "127.0.0.1",
  port: 3000,
  keys: [],
  trustedProxies: [],
  metricsEnabled: true,
  // Ten pages a second per client: a person and a poller together stay far below it.
  requestsPerMinute: 600,
  readyMaxLagMs: 5_000,
  maxStreams: 64,
  activeStrategy: "unified_detectors",
  maxRunMs: 30_000,
  cacheKeyPrefix: DEFAULT_CACHE.discovery.keyPrefix,
  experimentCacheKeyPrefix: DEFAULT_CACHE.experiments.keyPrefix,
  experimentsEnabled: true,
  shortInterestMaxAgeMs: DEFAULT_SHORT_INTEREST.maxAgeMs,
  shortInterestCacheSeconds: 86_400,
  finraBufferMs: 2 * DAY_MS,
  finraCheckedWithinMs: 48 * HOUR_MS,
  callAllowances: callAllowances(loadConfig({})),
  streamIdleMs: 60_000,
  heartbeatMs: 15_000,
  retryMs: 2_000,
};

/** Variables this service goes by. */
export type ApiVariables = Pick<
  Variables,
  | "HOST"
  | "PORT"
  | "AMC_API_KEYS"
  | "PROMETHEUS_METRICS_ENABLED"
  | "SCORING_STRATEGY"
  | "MAX_DISCOVERY_LATENCY_SECONDS"
  | "REDIS_DISCOVERY_KEY_PREFIX"
  | "REDIS_AB_TEST_KEY_PREFIX"
  | "AB_TESTING_ENABLED"
  | "SHORT_INTEREST_MAX_AGE_DAYS"
  | "SHORT_INTEREST_CACHE_TTL"
  | "FINRA_BUFFER_DAYS"
  | "SHORT_INTEREST_STALENESS_HOURS"
  | "FINRA_API_RATE_LIMIT"
  | "YAHOO_FINANCE_RATE_LIMIT"
  | "ALPHA_VANTAGE_DAILY_LIMIT"
  | "POLYGON_RATE_LIMIT"
  | "ALPACA_RATE_LIMIT"
>;

/** The configuration of this service. Throws `api.config` naming the variable, never its value. */
export function apiConfigOf(variables: ApiVariables, nowMs: number): ApiConfig {
  const keys = variables.AMC_API_KEYS;
  return {
    ...DEFAULT_API_CONFIG,
    host: variables.HOST,
    port: variables.PORT,
    keys: keys === undefined ? [] : parseApiKeys(keys, nowMs),
    metricsEnabled: variables.PROMETHEUS_METRICS_ENABLED,
    activeStrategy: variables.SCORING_STRATEGY,
    maxRunMs: variables.MAX_DISCOVERY_LATENCY_SECONDS * 1000,
    cacheKeyPrefix: variables.REDIS_DISCOVERY_KEY_PREFIX,
    experimentCacheKeyPrefix: variables.REDIS_AB_TEST_KEY_PREFIX,
    experimentsEnabled: variables.AB_TESTING_ENABLED,
    shortInterestMaxAgeMs: variables.SHORT_INTEREST_MAX_AGE_DAYS * DAY_MS,
    shortInterestCacheSeconds: variables.SHORT_INTEREST_CACHE_TTL,
    finraBufferMs: variables.FINRA_BUFFER_DAYS * DAY_MS,
    finraCheckedWithinMs: variables.SHORT_INTEREST_STALENESS_HOURS * HOUR_MS,
    callAllowances: callAllowances(variables),
  };
}

/** Throws `api.keys-required` when others could reach the API and nobody would be asked for a key. */
export function assertSafeToListen({ host, keys }: ApiConfig): void {
  if (isLoopback(host) || keys.length > 0) return;
  throw new ApiConfigError(
    "api.keys-required",
    "HOST is reachable from other machines: configure AMC_API_KEYS, or listen on 127.0.0.1",
    { variable: "AMC_API_KEYS" },
  );
}
