import type { MockServer } from "@amc/mock-providers/mock-server";
import type { MockedProvider } from "@amc/mock-providers/mocked-variables";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** What the providers allow, in the words of domain-facts §7 and not in those of our limits. */
export const ALLOWED: Readonly<
  Record<MockedProvider, readonly (readonly [windowMs: number, most: number])[]>
> = {
  finra_short: [[MINUTE_MS, 60]],
  // A burst of 10 and 5 a second behind it.
  yahoo: [
    [200, 11],
    [1_000, 15],
    [10_000, 60],
  ],
  alpha_vantage: [
    [MINUTE_MS, 5],
    [DAY_MS, 25],
  ],
  polygon: [[MINUTE_MS, 100]],
  rss: [[MINUTE_MS, 60]],
};

/** Stretches of time in which a mock was asked more often than its provider allows. */
export function budgetViolations(provider: MockedProvider, server: MockServer): string[] {
  return ALLOWED[provider].flatMap(([windowMs, most]) => {
    const asked = server.mostWithin(windowMs);
    return asked <= most ? [] : [`${provider}: ${asked} requests within ${windowMs} ms of ${most}`];
  });
}
