import { isTradingDay } from "@amc/streams/market/calendar";
import { isoUtc } from "@amc/streams/market/event-time";
import type { DayPlan } from "./day-plan.ts";
import type { HeardHealth } from "./heard-health.ts";
import { EXPECTED_PROVIDERS } from "./provider-oracle.ts";
import type { SeenDay } from "./seen-day.ts";

const HOUR_MS = 3_600_000;
const WELL = ["healthy"] as const;
const UNKNOWN = ["not_configured"] as const;
const ILL = ["degraded", "unhealthy"] as const;
const ANY = [...WELL, ...UNKNOWN, ...ILL] as const;

/** Holds what `/health` said to what the mocks were told to do. */
export function examineHealth(plan: DayPlan, seen: SeenDay): readonly string[] {
  return seen.health.flatMap((heard) => {
    const wanted = wantedStates(plan, seen, heard.atMs);
    const problems = Object.entries(heard.components).flatMap(([name, { status, detail }]) => {
      const allowed: readonly string[] = wanted.get(name) ?? WELL;
      return allowed.includes(status) ? [] : [`${name} is ${status} (${detail})`];
    });
    const missing = [...wanted.keys()].filter((name) => !(name in heard.components));
    return [
      ...problems,
      ...missing.map((name) => `${name} is not there`),
      ...overallProblems(heard),
    ].map((problem) => `/health at ${isoUtc(heard.atMs)}: ${problem}`);
  });
}

/** States that a component may have at an instant; healthy is what those not named have to be. */
function wantedStates(
  { date, outage, fromMs }: DayPlan,
  { servers, facts }: SeenDay,
  atMs: number,
): ReadonlyMap<string, readonly string[]> {
  const wanted = new Map<string, readonly string[]>([["alpaca", UNKNOWN]]);
  for (const [provider, server] of servers) {
    const { component, successes } = EXPECTED_PROVIDERS[provider];
    const askedAt = server.asked().flatMap((asked) => (asked.atMs <= atMs ? [asked.atMs] : []));
    const isLately = (from: number, to: number) =>
      askedAt.some((asked) => asked >= from && asked < to && asked > atMs - HOUR_MS);
    if (askedAt.length === 0) wanted.set(component, UNKNOWN);
    if (outage?.provider !== provider || atMs < outage.fromMs) continue;
    const isVain = askedAt.some((asked) => asked >= outage.fromMs && asked < outage.untilMs);
    const tries = askedAt.filter((asked) => asked >= outage.untilMs).length;
    const isBack = tries > 0;
    if (isVain && !isBack) wanted.set(component, ILL);
    // For an hour the share of its failures tells of an outage that is over.
    else if (isBack && isLately(outage.fromMs, outage.untilMs)) wanted.set(component, ANY);
    else if (isBack && tries < successes) wanted.set(component, ANY);
  }
  wanted.set("short_interest", shortInterestStates(outage, servers, facts, atMs));
  // The first slots of a day without prices find nothing to look at.
  const isBlind = outage?.provider === "polygon" && atMs >= outage.fromMs;
  if (isBlind || atMs - fromMs < HOUR_MS) wanted.set("discovery_pipeline", ANY);
  // An installation that begins on a closed day has evaluated nothing until the next session, and says so.
  if (!isTradingDay(date)) wanted.set("discovery_pipeline", ILL);
  return wanted;
}

/** Yahoo tells FINRA's figures too; what FINRA owes is only known of a system that asks it. */
function shortInterestStates(
  outage: DayPlan["outage"],
  servers: SeenDay["servers"],
  facts: SeenDay["facts"],
  atMs: number,
): readonly string[] {
  const asked = servers.get("finra_short")?.asked() ?? [];
  const isAsked = asked.some((request) => request.atMs <= atMs);
  const isKnown = [...facts.values()].some(
    ({ topic, capturedAt }) => topic === "short.interest.v1" && capturedAt <= atMs,
  );
  if (!isAsked || !isKnown) return UNKNOWN;
  return outage?.provider === "finra_short" ? ANY : WELL;
}

function overallProblems({ status, components }: HeardHealth): string[] {
  const states = Object.values(components).map((component) => component.status);
  const isWell = states.every((each) => each === "healthy" || each === "not_configured");
  const wanted = isWell ? "healthy" : "degraded";
  return status === wanted ? [] : [`it is ${status} as a whole, not ${wanted}`];
}
