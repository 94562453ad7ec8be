import type { MockedProvider } from "@amc/mock-providers/mocked-variables";

/** What is known of a provider without the code: from requirements.md and domain-facts §7. */
export interface ExpectedProvider {
  /** Its name in `/health` (R-API-19). */
  readonly component: string;
  /** What its facts name as their source begins with one of these. */
  readonly sources: readonly string[];
  /** Failures in a row that open its breaker, and for how long, ms. */
  readonly failures: number;
  readonly openMs: number;
  /** Successes in a row that close it again. */
  readonly successes: number;
  /** Topics whose lasting facts of an outage are there once it was asked again; of others it is told why not. */
  readonly filled: readonly string[];
  /** Jobs that fill it; none where whatever is asked next does. */
  readonly filledBy: readonly string[];
  /** Whose facts may be fewer without its own: options are asked for what discovery has found. */
  readonly needs: readonly MockedProvider[];
}

export const EXPECTED_PROVIDERS: Readonly<Record<MockedProvider, ExpectedProvider>> = {
  finra_short: {
    ...{ component: "finra_api", sources: ["finra"], failures: 3, openMs: 300_000, successes: 2 },
    // The next run of any of its jobs makes up for a settlement date; a day's volume waits for the next evening.
    ...{ filled: ["short.interest.v1"], needs: [] },
    filledBy: [
      "short_interest_check",
      "collect-short-interest-data",
      "finra_weekly_short_interest",
    ],
  },
  yahoo: {
    ...{
      component: "yahoo",
      sources: ["yahoo", "feeds.finance.yahoo.com"],
      failures: 5,
      openMs: 300_000,
      successes: 1,
    },
    // Stories that its search lists are those of its feeds. Its statistics are what holds when it is asked.
    ...{ filled: [], filledBy: [], needs: [] },
  },
  alpha_vantage: {
    ...{
      component: "alpha_vantage",
      sources: ["alpha-vantage"],
      failures: 2,
      openMs: 180_000,
      successes: 1,
    },
    ...{ filled: [], filledBy: [], needs: ["polygon"] },
  },
  polygon: {
    ...{ component: "polygon", sources: ["polygon"], failures: 5, openMs: 120_000, successes: 3 },
    ...{ filled: ["market.price-tick.v1"], filledBy: [], needs: [] },
  },
  rss: {
    ...{ component: "rss", sources: ["127.0.0.1"], failures: 5, openMs: 300_000, successes: 1 },
    ...{ filled: ["market.news.v1"], filledBy: [], needs: [] },
  },
};

/** Providers in the order in which they fail in turn. */
export const DAY_PROVIDERS: readonly MockedProvider[] = [
  "yahoo",
  "finra_short",
  "alpha_vantage",
  "polygon",
  "rss",
];
