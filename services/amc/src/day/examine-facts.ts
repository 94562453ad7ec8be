import type { MockedProvider } from "@amc/mock-providers/mocked-variables";
import { isoUtc } from "@amc/streams/market/event-time";
import type { Outage } from "./day-plan.ts";
import { DAY_PROVIDERS, EXPECTED_PROVIDERS } from "./provider-oracle.ts";
import type { SeenDay, SeenFact } from "./seen-day.ts";

/** What must hold of the facts of any day. */
export function examineFacts(seen: SeenDay): readonly string[] {
  const records = Object.values(seen.factRecords).reduce((sum, count) => sum + count, 0);
  const real = [...seen.facts.values()].filter(({ simulated }) => !simulated);
  const [foreign] = [...seen.facts.values()].filter((fact) => providerOf(fact) === null);
  return [
    ...(records === seen.facts.size ? [] : [`${records - seen.facts.size} facts are there twice`]),
    ...(real.length === 0
      ? []
      : [`${real.length} facts of mocks do not say that they are made up`]),
    ...(foreign === undefined ? [] : [`${foreign.source} is the source of no provider`]),
    ...(seen.deadLetters === 0 ? [] : [`${seen.deadLetters} records are dead letters`]),
  ];
}

/** Holds a day with an outage to the same day without: nothing invented, the others untouched, the gap told. */
export function compareDays(
  sound: SeenDay,
  seen: SeenDay,
  outage: Outage,
): { readonly problems: readonly string[]; readonly missing: number } {
  const problems: string[] = [];
  for (const provider of DAY_PROVIDERS) {
    if (provider !== outage.provider) problems.push(...untouched(sound, seen, provider, outage));
  }
  const its = factsOf(seen, outage.provider);
  const during = [...its.values()].filter(
    ({ capturedAt }) => capturedAt >= outage.fromMs && capturedAt < outage.untilMs,
  );
  if (during.length > 0) {
    const { statement } = during[0] ?? { statement: "" };
    problems.push(`${during.length} facts while it answered nothing, such as ${statement}`);
  }
  const whole = factsOf(sound, outage.provider);
  const invented = [...its.values()].filter((fact) => isInvented(fact, whole.get(fact.id)));
  if (invented.length > 0) problems.push(`${invented.length} lasting facts that it never stated`);
  // A story that another provider has told meanwhile is told once.
  const missing = [...whole.values()].filter(
    ({ id, isLasting }) => isLasting && !seen.facts.has(id),
  );
  const isBack = isAskedAgain(seen, outage);
  // What FINRA revises of older dates is asked for on Mondays alone: the newest date is what it owes.
  const owed = [...whole.values()].filter(({ topic }) => topic === "short.interest.v1");
  const newestMs = Math.max(...owed.map(({ happenedAt }) => happenedAt));
  const unfilled = missing.filter(
    ({ topic, happenedAt }) =>
      isBack &&
      EXPECTED_PROVIDERS[outage.provider].filled.includes(topic) &&
      (topic !== "short.interest.v1" || happenedAt === newestMs),
  );
  if (unfilled.length > 0) {
    const first = isoUtc(Math.min(...unfilled.map(({ happenedAt }) => happenedAt)));
    problems.push(`${unfilled.length} facts were never made up for, the first of ${first}`);
  }
  if (missing.length > unfilled.length && failuresOf(seen, outage) === 0) {
    problems.push(`${missing.length} facts are missing, and nothing says why`);
  }
  const who = outage.provider;
  return { problems: problems.map((problem) => `${who}: ${problem}`), missing: missing.length };
}

/** Whether who makes up for an outage had a turn behind it. */
function isAskedAgain({ servers, runs }: SeenDay, { provider, untilMs }: Outage): boolean {
  const { filledBy } = EXPECTED_PROVIDERS[provider];
  if (filledBy.length > 0) {
    return runs.some(
      ({ job, state, happenedAt }) =>
        filledBy.includes(job) && state === "SUCCEEDED" && happenedAt >= untilMs,
    );
  }
  return (
    servers
      .get(provider)
      ?.asked()
      .some(({ atMs }) => atMs >= untilMs) === true
  );
}

/** Facts of another provider: the same, to the instant at which they came. */
function untouched(
  sound: SeenDay,
  seen: SeenDay,
  provider: MockedProvider,
  outage: Outage,
): string[] {
  const [before, after] = [factsOf(sound, provider), factsOf(seen, provider)];
  const isFewer = EXPECTED_PROVIDERS[provider].needs.includes(outage.provider);
  const gone = isFewer ? [] : [...before.keys()].filter((id) => !after.has(id));
  const inPlace = factsOf(sound, outage.provider);
  const other = [...after.values()].filter(
    ({ id, topic, statement }) =>
      before.get(id)?.statement !== statement && !(topic === "market.news.v1" && inPlace.has(id)),
  );
  return [
    ...(gone.length === 0 ? [] : [`${gone.length} facts of ${provider} are gone with it`]),
    ...(other.length === 0
      ? []
      : [`${other.length} facts of ${provider} are others, such as ${other[0]?.statement}`]),
  ];
}

/** A fact that comes late is the same statement, told later. */
function isInvented(fact: SeenFact, stated: SeenFact | undefined): boolean {
  if (!fact.isLasting) return false;
  return stated === undefined || told(stated) !== told(fact);
}

const TOLD_WHEN = new Set(["publishedAt", "capturedAt", "providerLatencyMs", "stale"]);

function told({ statement }: SeenFact): string {
  return JSON.stringify(JSON.parse(statement), (name, value: unknown) =>
    TOLD_WHEN.has(name) ? undefined : value,
  );
}

/** What says that there was a gap, and why: calls that failed, and jobs. */
function failuresOf({ calls, runs }: SeenDay, { provider }: Outage): number {
  const { rows, succeeded } = calls.get(provider) ?? { rows: 0, succeeded: 0 };
  const failed = runs.filter(({ errorCode }) => errorCode?.startsWith("provider.") === true);
  return rows - succeeded + failed.length;
}

function factsOf(seen: SeenDay, provider: MockedProvider): ReadonlyMap<string, SeenFact> {
  return new Map([...seen.facts].filter(([, fact]) => providerOf(fact) === provider));
}

function providerOf({ source }: SeenFact): MockedProvider | null {
  const found = DAY_PROVIDERS.find((each) =>
    EXPECTED_PROVIDERS[each].sources.some((beginning) => source.startsWith(beginning)),
  );
  return found ?? null;
}
