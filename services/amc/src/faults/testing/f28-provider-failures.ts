import { FAILURE_KINDS } from "@amc/mock-providers/failure-kinds";
import { MOCKED_PROVIDERS, type MockedProvider } from "@amc/mock-providers/mocked-variables";
import { addTradingDays } from "@amc/streams/market/calendar";
import { budgetViolations } from "../../day/provider-budgets.ts";
import { askedAt } from "./asked-providers.ts";
import type { Fault, FaultOutcome, FaultScope } from "./fault.ts";
import { caughtEach } from "./judge.ts";
import { type Golden, goldenOf, strikeOnce } from "./provider-strike.ts";
import { type ProviderBuild, StruckProvider } from "./struck-provider.ts";

/** Each kind at each provider. */
const ROUND = FAILURE_KINDS.length * MOCKED_PROVIDERS.length;

export const PROVIDER_FAILURES: Fault = {
  id: "F28",
  title: `${FAILURE_KINDS.length} ways in which the mocks of ${MOCKED_PROVIDERS.length} providers fail, through the policy of all calls`,
  invariant:
    "no fact of a failed answer and none that the provider has not stated; at most five failures in a row before nobody asks; never more requests in any stretch of time than the budget, as the mock counts; what was missed comes with the next answer",
  control:
    "a build without budgets, one that tells the last answer again, one that believes any answer",
  strikes: { full: 10_000, reduced: 2 * ROUND, control: 2 * ROUND },
  run,
};

/** Of the strikes at a provider, those after which it is asked as often as its budget lets through. */
const BUSY_EVERY = 20;
const FIRST_DAY = "2015-01-05";
/** Trading days to come back to the first one after; more than strikes at a provider, whose clock does not go back. */
const DAYS = 2_600;

async function run(scope: FaultScope): Promise<FaultOutcome> {
  if (scope.build === "sound") return await struck(scope, "sound");
  const found: Record<string, readonly string[]> = {};
  let strikes = 0;
  for (const build of ["no budget", "carried forward", "believed"] as const) {
    const outcome = await struck(scope, build);
    found[build] = outcome.violations;
    strikes += outcome.strikes;
  }
  return { strikes, counts: {}, ...caughtEach(found) };
}

async function struck(
  { strikes, seed, onStrike }: FaultScope,
  build: ProviderBuild,
): Promise<FaultOutcome> {
  const violations: string[] = [];
  const counts = { requests: 0, "facts of good answers": 0, "breakers opened": 0 };
  let done = 0;
  for (const provider of MOCKED_PROVIDERS) {
    const startMs = askedAt(FIRST_DAY);
    const target = await StruckProvider.start(provider, startMs, build);
    const reference = await StruckProvider.start(provider, startMs, "sound");
    try {
      for (let number = 0; number < shareOf(provider, strikes); number += 1) {
        const kind = FAILURE_KINDS[(seed + number) % FAILURE_KINDS.length] ?? "500";
        const golden = await questioned(reference, seed + number);
        target.reach(golden.atMs);
        const struckOnce = await strikeOnce(target, golden, {
          ...{ kind, build },
          isBusy: number % BUSY_EVERY === 0,
        });
        violations.push(...struckOnce.violations.map((each) => `${provider}, ${kind}: ${each}`));
        counts["facts of good answers"] += struckOnce.facts;
        done += 1;
        onStrike(done);
      }
      violations.push(...budgetViolations(provider, target.server));
      counts.requests += target.server.requests();
      counts["breakers opened"] += target.journal.breakerChanges.filter(
        ({ change }) => change === "OPENED",
      ).length;
    } finally {
      await target.close();
      await reference.close();
    }
  }
  return { strikes: done, counts, violations };
}

/** Strikes are dealt to the providers in turn. */
function shareOf(provider: MockedProvider, strikes: number): number {
  const turn = MOCKED_PROVIDERS.indexOf(provider);
  return Math.floor((strikes + MOCKED_PROVIDERS.length - 1 - turn) / MOCKED_PROVIDERS.length);
}

/** What an undisturbed provider says to the question of this number. */
async function questioned(reference: StruckProvider, number: number): Promise<Golden> {
  const date = addTradingDays(FIRST_DAY, number % DAYS);
  const symbol = reference.symbols[number % reference.symbols.length] ?? "GME";
  return await goldenOf(reference, symbol, date);
}
