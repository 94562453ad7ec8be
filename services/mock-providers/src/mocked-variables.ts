import type { Variables } from "@amc/platform/config/variables";
import { PROVIDERS } from "@amc/platform/http/provider-limits";
import { MockMarket } from "./market/mock-market.ts";
import { type MockProvider, type MockServer, startMockServer } from "./mock-server.ts";
import { mockAlphaVantage } from "./providers/alpha-vantage.ts";
import { finraDataOfMarket, mockFinra, SCHEDULE_PAGE } from "./providers/finra.ts";
import { mockPolygon } from "./providers/polygon.ts";
import { mockRss } from "./providers/rss.ts";
import { COOKIE_PATH, mockYahoo } from "./providers/yahoo.ts";

/** Those for which there is a mock; what an account at a broker holds is not for one to make up. */
export const MOCKED_PROVIDERS = PROVIDERS.filter((provider) => provider !== "alpaca");
export type MockedProvider = (typeof MOCKED_PROVIDERS)[number];

export interface MockOptions {
  /** Listed beside the usual ones. */
  readonly symbols: readonly string[];
  readonly nowMs: () => number;
  /** Stamps what the mocks are asked. */
  readonly elapsedMs: () => number;
}

/** A configuration under which mocks answer for the providers that it says. */
export interface MockedVariables {
  readonly variables: Variables;
  readonly servers: ReadonlyMap<MockedProvider, MockServer>;
  /** Whether a mock has FINRA's page of reporting dates, with FINRA's data or alone. */
  readonly isScheduleMocked: boolean;
  close(): Promise<void>;
}

/** What a market has to have for `ingest finra` and snapshots of the whole market. */
const LISTED = "ABCDEFGHIJKLMNOPQRST".split("").map((letter) => `SIM${letter}`);
/** Mocks want a key as the real ones do, and never get a real one. */
const MOCK_KEY = "mock";

/** The providers for which the configuration wants a mock. */
export function mockedProviders(variables: Variables): ReadonlySet<MockedProvider> {
  const wanted: readonly (readonly [MockedProvider, boolean])[] = [
    ["yahoo", variables.YAHOO_FINANCE_MOCK],
    ["finra_short", variables.MOCK_FINRA_DATA_ENABLED],
    ["alpha_vantage", variables.MOCK_ALPHA_VANTAGE_DATA_ENABLED],
    ["polygon", variables.MOCK_POLYGON_DATA_ENABLED],
    ["rss", variables.MOCK_NEWS_DATA_ENABLED],
  ];
  const chosen = wanted.filter(([, isWanted]) => isWanted || variables.TEST_MODE);
  return new Set(chosen.map(([provider]) => provider));
}

/**
 * Starts the mocks that the configuration wants, all of one made-up market, and says where they answer.
 * Whoever opens a provider that is among `servers` marks what it says as simulated.
 */
export async function mockedVariables(
  variables: Variables,
  { symbols, nowMs, elapsedMs }: MockOptions,
): Promise<MockedVariables> {
  const market = new MockMarket([...LISTED, ...symbols]);
  const servers = new Map<MockedProvider, MockServer>();
  let mocked = variables;
  for (const provider of mockedProviders(variables)) {
    const server = await startMockServer(mockOf(provider, market, nowMs), elapsedMs);
    servers.set(provider, server);
    mocked = { ...mocked, ...addressesOf(provider, server.origin) };
  }
  // FINRA's data are real then, and only its page is not.
  const isPageAlone = variables.FINRA_SCHEDULE_MOCK && !servers.has("finra_short");
  const page = isPageAlone
    ? await startMockServer(mockOf("finra_short", market, nowMs), elapsedMs)
    : null;
  if (page !== null) mocked = { ...mocked, FINRA_SCHEDULE_URL: scheduleAt(page.origin) };
  const close = async (): Promise<void> => {
    for (const server of servers.values()) await server.close();
    await page?.close();
  };
  const isScheduleMocked = isPageAlone || servers.has("finra_short");
  return { variables: mocked, servers, isScheduleMocked, close };
}

/** The mock of one provider over a market. */
export function mockOf(
  provider: MockedProvider,
  market: MockMarket,
  nowMs: () => number,
): MockProvider {
  switch (provider) {
    case "yahoo":
      return mockYahoo(market, nowMs);
    case "finra_short":
      return mockFinra(finraDataOfMarket(market, nowMs));
    case "alpha_vantage":
      return mockAlphaVantage(market, nowMs);
    case "polygon":
      return mockPolygon(market, nowMs);
    case "rss":
      return mockRss(market, nowMs);
  }
}

function addressesOf(provider: MockedProvider, origin: string): Partial<Variables> {
  switch (provider) {
    case "yahoo":
      return {
        YAHOO_FINANCE_BASE_URL: origin,
        YAHOO_FINANCE_COOKIE_URL: `${origin}${COOKIE_PATH}`,
      };
    case "finra_short":
      return {
        FINRA_API_BASE_URL: `${origin}/data/group/otcMarket/name`,
        FINRA_CDN_BASE_URL: origin,
        FINRA_SCHEDULE_URL: scheduleAt(origin),
      };
    case "alpha_vantage":
      return { ALPHA_VANTAGE_BASE_URL: `${origin}/query`, ALPHA_VANTAGE_API_KEY: MOCK_KEY };
    case "polygon":
      return { POLYGON_BASE_URL: origin, POLYGON_API_KEY: MOCK_KEY };
    case "rss":
      return { NEWS_FEED_URL: `${origin}/rss/2.0/headline?s={symbol}` };
  }
}

function scheduleAt(origin: string): string {
  return `${origin}/${SCHEDULE_PAGE}`;
}
