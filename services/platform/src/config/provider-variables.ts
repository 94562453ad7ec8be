import { z } from "zod";
import { parseMasterKeys } from "../keys/master-key.ts";
import { flag, httpsAddress, wholeNumber } from "./variable-kinds.ts";

/** Keys that may be stored encrypted (`amc keys set`) instead of being given by the environment. */
export const STORABLE_KEYS = [
  "ALPHA_VANTAGE_API_KEY",
  "POLYGON_API_KEY",
  "ALPACA_API_KEY_ID",
  "ALPACA_API_SECRET_KEY",
  "ANTHROPIC_API_KEY",
] as const;

export function isStorableKey(name: string): name is (typeof STORABLE_KEYS)[number] {
  return STORABLE_KEYS.some((storable) => storable === name);
}

function isMasterKeys(text: string): boolean {
  try {
    return parseMasterKeys(text).length > 0;
  } catch {
    return false;
  }
}

/** Providers: addresses, keys and what they allow (domain-facts §7). */
export const PROVIDER_VARIABLES = {
  FINRA_API_BASE_URL: httpsAddress("https://api.finra.org/data/group/otcMarket/name"),
  FINRA_CDN_BASE_URL: httpsAddress("https://cdn.finra.org"),
  FINRA_API_RATE_LIMIT: wholeNumber(60, 1, 10_000),
  FINRA_CIRCUIT_BREAKER_THRESHOLD: wholeNumber(3, 1, 1000),
  FINRA_CIRCUIT_BREAKER_TIMEOUT: wholeNumber(300, 1, 86_400),
  YAHOO_FINANCE_ENABLED: flag(true),
  YAHOO_FINANCE_BASE_URL: httpsAddress("https://query2.finance.yahoo.com"),
  YAHOO_FINANCE_COOKIE_URL: httpsAddress("https://fc.yahoo.com"),
  YAHOO_FINANCE_RATE_LIMIT: wholeNumber(5, 1, 1000),
  YAHOO_FINANCE_TIMEOUT: wholeNumber(30, 1, 600),
  YAHOO_FINANCE_RETRY_ATTEMPTS: wholeNumber(3, 0, 10),
  YAHOO_FINANCE_CONNECTION_POOL_SIZE: wholeNumber(10, 1, 100),
  YAHOO_FINANCE_USE_CACHE: flag(true),
  ALPHA_VANTAGE_BASE_URL: httpsAddress("https://www.alphavantage.co/query"),
  ALPHA_VANTAGE_API_KEY: z.string().min(1).optional(),
  ALPHA_VANTAGE_RATE_LIMIT: wholeNumber(5, 1, 10_000),
  ALPHA_VANTAGE_DAILY_LIMIT: wholeNumber(25, 1, 1_000_000),
  ALPHA_VANTAGE_CIRCUIT_BREAKER_THRESHOLD: wholeNumber(2, 1, 1000),
  ALPHA_VANTAGE_CIRCUIT_BREAKER_TIMEOUT: wholeNumber(180, 1, 86_400),
  POLYGON_BASE_URL: httpsAddress("https://api.polygon.io"),
  POLYGON_API_KEY: z.string().min(1).optional(),
  POLYGON_RATE_LIMIT: wholeNumber(100, 1, 10_000),
  POLYGON_CIRCUIT_BREAKER_THRESHOLD: wholeNumber(5, 1, 1000),
  POLYGON_CIRCUIT_BREAKER_TIMEOUT: wholeNumber(120, 1, 86_400),
  ALPACA_BASE_URL: httpsAddress("https://api.alpaca.markets"),
  ALPACA_API_KEY_ID: z.string().min(1).optional(),
  ALPACA_API_SECRET_KEY: z.string().min(1).optional(),
  ALPACA_RATE_LIMIT: wholeNumber(200, 1, 10_000),
  API_KEY_ENCRYPTION_KEY: z
    .string()
    .refine(isMasterKeys, "use 32 random bytes in base64, as openssl rand -base64 32 makes them")
    .optional(),
  AMC_KEY_STORE: z.string().min(1).default(".amc-keys/provider-keys.json"),
  NEWS_FEED_URL: z
    .string()
    .refine(isFeedAddress, "use https://host/path?s={symbol}, with {symbol} once")
    .default("https://feeds.finance.yahoo.com/rss/2.0/headline?s={symbol}&region=US&lang=en-US"),
  LIVE_UNIVERSE: z.string().min(1).optional(),
  YAHOO_FINANCE_MOCK: flag(false),
  MOCK_FINRA_DATA_ENABLED: flag(false),
  FINRA_SCHEDULE_MOCK: flag(false),
  MOCK_ALPHA_VANTAGE_DATA_ENABLED: flag(false),
  MOCK_POLYGON_DATA_ENABLED: flag(false),
  MOCK_NEWS_DATA_ENABLED: flag(false),
  TEST_MODE: flag(false),
  KEEP_RAW_ANSWERS: flag(false),
  SLACK_WEBHOOK_URL: z
    .url({ protocol: /^https$/, error: "use https://hooks.slack.com/services/…" })
    .optional(),
} as const;

/** A feed per symbol; `{symbol}` stands for it. */
function isFeedAddress(text: string): boolean {
  const parts = text.split("{symbol}");
  const address = parts.join("XYZ");
  if (parts.length !== 2 || !URL.canParse(address)) return false;
  const { protocol, username, password } = new URL(address);
  return /^https?:$/.test(protocol) && username + password === "";
}

export const PROVIDER_VARIABLE_DOCS: Readonly<Record<keyof typeof PROVIDER_VARIABLES, string>> = {
  FINRA_API_BASE_URL: "FINRA's query API, up to the names of its data sets",
  FINRA_CDN_BASE_URL: "FINRA's files of daily short volume",
  FINRA_API_RATE_LIMIT: "calls per minute",
  FINRA_CIRCUIT_BREAKER_THRESHOLD: "failures in a row that open the breaker",
  FINRA_CIRCUIT_BREAKER_TIMEOUT: "seconds it stays open",
  YAHOO_FINANCE_ENABLED: "whether Yahoo may be asked",
  YAHOO_FINANCE_BASE_URL: "Yahoo Finance",
  YAHOO_FINANCE_COOKIE_URL: "where Yahoo hands out the cookie that statistics are asked with",
  YAHOO_FINANCE_RATE_LIMIT: "calls per second, after a burst of twice as many",
  YAHOO_FINANCE_TIMEOUT: "seconds for one call",
  YAHOO_FINANCE_RETRY_ATTEMPTS: "further tries of a call",
  YAHOO_FINANCE_CONNECTION_POOL_SIZE: "connections",
  YAHOO_FINANCE_USE_CACHE: "answers of before may stand in within 72 hours, at confidence 0.7",
  ALPHA_VANTAGE_BASE_URL: "Alpha Vantage",
  ALPHA_VANTAGE_API_KEY: "key of Alpha Vantage",
  ALPHA_VANTAGE_RATE_LIMIT: "calls per minute",
  ALPHA_VANTAGE_DAILY_LIMIT: "calls in 24 hours; 25 without a paid plan",
  ALPHA_VANTAGE_CIRCUIT_BREAKER_THRESHOLD: "failures in a row that open the breaker",
  ALPHA_VANTAGE_CIRCUIT_BREAKER_TIMEOUT: "seconds it stays open",
  POLYGON_BASE_URL: "Polygon",
  POLYGON_API_KEY: "key of Polygon",
  POLYGON_RATE_LIMIT: "calls per minute; the free plan allows 5",
  POLYGON_CIRCUIT_BREAKER_THRESHOLD: "failures in a row that open the breaker",
  POLYGON_CIRCUIT_BREAKER_TIMEOUT: "seconds it stays open",
  ALPACA_BASE_URL: "Alpaca; https://paper-api.alpaca.markets for paper accounts",
  ALPACA_API_KEY_ID: "key of the account whose positions are read",
  ALPACA_API_SECRET_KEY: "secret of that key",
  ALPACA_RATE_LIMIT: "calls per minute",
  API_KEY_ENCRYPTION_KEY:
    "master key that providers' keys are stored under; several with commas: the first seals, the others open what was sealed before",
  AMC_KEY_STORE:
    "file of providers' keys, encrypted: what the environment does not give is taken from it",
  NEWS_FEED_URL: "RSS or Atom feed of a symbol, which stands where {symbol} does",
  LIVE_UNIVERSE:
    "what `run live` asks for: symbols such as GME=GameStop,AMC; market among them is all of it, with POLYGON_API_KEY",
  YAHOO_FINANCE_MOCK: "a mock on this machine answers for Yahoo, everything of it marked simulated",
  MOCK_FINRA_DATA_ENABLED: "the same for FINRA",
  FINRA_SCHEDULE_MOCK: "the same for FINRA's page of reporting dates alone",
  MOCK_ALPHA_VANTAGE_DATA_ENABLED: "the same for Alpha Vantage; no key is needed",
  MOCK_POLYGON_DATA_ENABLED: "the same for Polygon; no key is needed",
  MOCK_NEWS_DATA_ENABLED: "the same for news feeds",
  TEST_MODE: "the same for every provider: nothing leaves the machine for data",
  KEEP_RAW_ANSWERS:
    "what providers answer is kept for 14 days without keys, so that amc rederive can make facts of it anew",
  SLACK_WEBHOOK_URL: "where alerts for Slack go",
};
