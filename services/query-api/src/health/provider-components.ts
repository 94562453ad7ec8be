import {
  ALLOWANCE_WINDOW_MS,
  type DataProvider,
  PROVIDERS,
} from "@amc/platform/http/provider-limits";
import { time } from "../json/event-json.ts";
import type { ProviderStanding } from "../read-model/port.ts";
import type { Component } from "./component.ts";

const HOUR_MS = 3_600_000;
/** More errors than this are an alert (R-ALR-10, R-SUC-12). */
const ERROR_RATE_MAX = 0.1;

/** Names of the providers in `/health` (R-API-19); yahoo has the one it has everywhere. */
const COMPONENT_NAMES: Readonly<Record<ProviderStanding["provider"], string>> = {
  finra_short: "finra_api",
  yahoo: "yahoo",
  alpha_vantage: "alpha_vantage",
  polygon: "polygon",
  rss: "rss",
  alpaca: "alpaca",
};

/** The span whose calls count (R-ING-22). */
export function lastHour(nowMs: number): { readonly afterMs: number; readonly throughMs: number } {
  return { afterMs: nowMs - HOUR_MS, throughMs: nowMs };
}

/**
 * How every provider does, as its recorded calls tell; `asked` is how asking for these went, and what
 * is said of those that it did not find.
 */
export function providerComponents(
  standings: readonly ProviderStanding[],
  asked: Component,
  allowances: Readonly<Record<DataProvider, number>>,
): readonly (readonly [string, Component])[] {
  const never: Component = { status: "not_configured", detail: "never called" };
  return PROVIDERS.map((provider) => {
    const standing = standings.find((each) => each.provider === provider);
    const other = asked.status === "healthy" ? never : asked;
    return [
      COMPONENT_NAMES[provider],
      standing === undefined ? other : componentOf(standing, allowances[provider]),
    ];
  });
}

/** A healthy mock says nothing of its provider. */
function componentOf(standing: ProviderStanding, allowance: number): Component {
  const { status, detail } = asCalled(standing, allowance);
  return standing.simulated ? { status, detail: `a mock answers: ${detail}` } : { status, detail };
}

function asCalled(standing: ProviderStanding, allowance: number): Component {
  const { calls, successes, lastCallAt, lastSuccessAt, breaker } = standing;
  if (lastCallAt === null) return { status: "not_configured", detail: "never called" };
  const success = lastSuccessAt === null ? "no success yet" : `last success ${time(lastSuccessAt)}`;
  const left = leftOf(standing, allowance);
  if (breaker === "OPENED") {
    const { breakerReason, autoRecoveryAt } = standing;
    const until = autoRecoveryAt === null ? "" : ` until ${time(autoRecoveryAt)}`;
    const detail = `breaker open${until} (${breakerReason ?? "unknown"}), ${success}, ${left}`;
    return { status: "unhealthy", detail };
  }
  if (calls === 0) {
    // Who is asked once a day is not well again because an hour has passed.
    const isLeftFailing = lastSuccessAt === null || lastSuccessAt < lastCallAt;
    const end = isLeftFailing ? "the last one failed, " : "";
    const detail = `no call in the last hour, ${end}${success}, ${left}`;
    return { status: isLeftFailing ? "degraded" : "healthy", detail };
  }
  const detail = `${successes} of ${calls} calls succeeded in the last hour, mean ${standing.meanMs} ms, ${success}, ${left}`;
  if (successes === 0) return { status: "unhealthy", detail };
  const isErring = calls - successes > ERROR_RATE_MAX * calls;
  return { status: isErring || breaker === "HALF_OPENED" ? "degraded" : "healthy", detail };
}

/** What may still be asked (R-ING-22), by the calls that are in the tables. */
function leftOf({ provider, spent }: ProviderStanding, allowance: number): string {
  const unit = ALLOWANCE_WINDOW_MS[provider] > HOUR_MS ? "of a day" : "of a minute";
  return `${Math.max(0, allowance - spent)} of ${allowance} calls ${unit} left`;
}
