import type { MockedProvider } from "@amc/mock-providers/mocked-variables";
import { isoUtc } from "@amc/streams/market/event-time";
import type { DayPlan, Outage } from "./day-plan.ts";
import { ALLOWED, budgetViolations } from "./provider-budgets.ts";
import { EXPECTED_PROVIDERS, type ExpectedProvider } from "./provider-oracle.ts";
import type { SeenBreaker, SeenDay } from "./seen-day.ts";

/** What one provider was asked, by its mock, by its budget and by the tables. */
export interface ProviderVerdict {
  readonly provider: MockedProvider;
  /** Counted by the mock. */
  readonly requests: number;
  readonly windows: readonly {
    readonly windowMs: number;
    readonly allowed: number;
    readonly most: number;
  }[];
  readonly rows: number;
  readonly failed: number;
  readonly breaker: readonly string[];
  readonly problems: readonly string[];
}

export function examineProviders({ outage }: DayPlan, seen: SeenDay): readonly ProviderVerdict[] {
  return [...seen.servers].map(([provider, server]) => {
    const { rows, succeeded } = seen.calls.get(provider) ?? { rows: 0, succeeded: 0 };
    const requests = server.requests();
    const changes = seen.breakers.filter((each) => each.provider === provider);
    const its = outage?.provider === provider ? outage : null;
    const uncounted =
      rows === requests
        ? []
        : [`${provider}: the tables have ${rows} calls, its mock was asked ${requests} times`];
    return {
      ...{ provider, requests, rows, failed: rows - succeeded },
      windows: ALLOWED[provider].map(([windowMs, allowed]) => ({
        ...{ windowMs, allowed, most: server.mostWithin(windowMs) },
      })),
      breaker: changes.map(({ change, atMs }) => `${change} ${isoUtc(atMs)}`),
      problems: [
        ...budgetViolations(provider, server),
        ...uncounted,
        ...breakerProblems(EXPECTED_PROVIDERS[provider], changes, seen, provider, its),
      ].map((problem) => (problem.startsWith(provider) ? problem : `${provider}: ${problem}`)),
    };
  });
}

/** As TV-BR-01 has it: so many failures open it, nobody asks while it is open, one call tries. */
function breakerProblems(
  { failures, openMs, successes }: ExpectedProvider,
  changes: readonly SeenBreaker[],
  { servers }: SeenDay,
  provider: MockedProvider,
  outage: Outage | null,
): string[] {
  if (outage === null) {
    return changes.length === 0 ? [] : ["its breaker changed although it answered everything"];
  }
  const askedAt = (servers.get(provider)?.asked() ?? []).map(({ atMs }) => atMs);
  const problems: string[] = [];
  // Headlines have a breaker of their own.
  const vain = (servers.get(provider)?.asked() ?? []).filter(
    ({ atMs, url }) =>
      atMs >= outage.fromMs && atMs < outage.untilMs && !url.pathname.endsWith("/finance/search"),
  ).length;
  const first = changes[0];
  if (first === undefined && vain >= failures) problems.push("its breaker never opened");
  if (first !== undefined && (first.change !== "OPENED" || first.failures !== failures)) {
    problems.push(`its breaker became ${first.change} after ${first.failures} failures`);
  }
  for (const [index, { change, atMs }] of changes.entries()) {
    const before = changes[index - 1]?.change;
    if (change === "CLOSED" && atMs < outage.untilMs) problems.push("it closed on no answer");
    if (change !== "OPENED" && before === (change === "CLOSED" ? "OPENED" : "CLOSED")) {
      problems.push(`it went from ${before} to ${change}`);
    }
    if (change !== "OPENED") continue;
    // What was under way when it opened came in the same millisecond.
    const during = askedAt.filter((asked) => asked >= atMs + 1 && asked < atMs + openMs);
    if (during.length > 0) problems.push(`asked ${during.length} times while its breaker was open`);
  }
  const isAskedAfter = askedAt.filter((atMs) => atMs >= outage.untilMs).length >= successes;
  if (isAskedAfter && first !== undefined && changes.at(-1)?.change !== "CLOSED") {
    problems.push("its breaker stays open although it answers again");
  }
  return problems;
}
