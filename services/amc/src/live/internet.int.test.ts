import { connect } from "node:net";
import { fetchFeed } from "@amc/ingest-news/providers/rss/rss";
import { Yahoo } from "@amc/ingest-prices/providers/yahoo/yahoo";
import { Finra } from "@amc/ingest-short-interest/providers/finra/finra";
import { loadConfig } from "@amc/platform/config/load-config";
import { openProvider } from "@amc/platform/http/open-provider";
import { isProviderError, type ProviderErrorCode } from "@amc/platform/http/provider-error";
import type { Provider } from "@amc/platform/http/provider-limits";
import { WAITING_CLOCK } from "@amc/platform/http/waiting-clock";
import { createMemoryLog } from "@amc/platform/log/memory";
import { TOPIC_NAMES } from "@amc/schemas/topics";
import { DAY_MS } from "@amc/streams/market/calendar-date";
import { newestPublishedPeriod } from "@amc/streams/short-interest/finra-calendar";
import { describe, expect, it } from "vitest";

const REACHED_WITHIN_MS = 2_000;
const LIMIT_MS = 120_000;
/** What a provider that is there may say to somebody whom it does not know; anything else is our mistake. */
const THEIR_RIGHT: readonly ProviderErrorCode[] = [
  "provider.rate-limited",
  "provider.refused",
  "provider.unavailable",
  "provider.connection",
  "provider.timeout",
];

function canReach(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: 443, timeout: REACHED_WITHIN_MS });
    const end = (isReached: boolean) => () => {
      socket.destroy();
      resolve(isReached);
    };
    socket.once("connect", end(true)).once("timeout", end(false)).once("error", end(false));
  });
}

const reached = await canReach("query2.finance.yahoo.com");

/** How much a provider said, or the code of why it did not. */
async function asked(
  provider: Provider,
  ask: (client: Awaited<ReturnType<typeof openProvider>>["client"]) => Promise<number>,
): Promise<number | ProviderErrorCode> {
  const layout = TOPIC_NAMES.map((topic) => ({ topic, partitions: 1 }));
  const log = createMemoryLog(layout, WAITING_CLOCK.nowMs);
  const variables = loadConfig({ YAHOO_FINANCE_RETRY_ATTEMPTS: "0" });
  const opened = await openProvider({
    ...{ provider, variables, log, source: "/amc/test", baseUrls: [] },
  });
  try {
    return await ask(opened.client);
  } catch (error) {
    if (isProviderError(error)) return error.code;
    throw error;
  } finally {
    await opened.close();
  }
}

function expectAnswerOrReason(outcome: number | ProviderErrorCode): void {
  if (typeof outcome === "number") expect(outcome).toBeGreaterThan(0);
  else expect(THEIR_RIGHT).toContain(outcome);
}

describe.skipIf(!reached)("the real providers (needs the internet)", () => {
  const variables = loadConfig({});

  it("Yahoo states the days of GME, or says why not", { timeout: LIMIT_MS }, async () => {
    const { YAHOO_FINANCE_BASE_URL: baseUrl } = variables;
    const outcome = await asked("yahoo", async (client) => {
      const yahoo = new Yahoo({ client, baseUrl, clock: WAITING_CLOCK, cache: null });
      return (await yahoo.chart("GME", "1d", WAITING_CLOCK.nowMs() - 30 * DAY_MS)).facts.length;
    });
    expectAnswerOrReason(outcome);
  });

  it("a feed tells of GME, or says why not", { timeout: LIMIT_MS }, async () => {
    const url = new URL(variables.NEWS_FEED_URL.replace("{symbol}", "GME"));
    const outcome = await asked("rss", async (client) => {
      return (await fetchFeed(client, url)).answer.items.length;
    });
    expectAnswerOrReason(outcome);
  });

  it("FINRA states the newest short interest, or says why not", { timeout: LIMIT_MS }, async () => {
    const { FINRA_API_BASE_URL: apiUrl, FINRA_CDN_BASE_URL: filesUrl } = variables;
    // On the evening of its publication it may still be to come.
    const { settlementDate } = newestPublishedPeriod(WAITING_CLOCK.nowMs() - DAY_MS);
    const outcome = await asked("finra_short", async (client) => {
      const finra = new Finra({ client, apiUrl, filesUrl });
      return (await finra.shortInterest(settlementDate)).facts.length;
    });
    expectAnswerOrReason(outcome);
  });
});
