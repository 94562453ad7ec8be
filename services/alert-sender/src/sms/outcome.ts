import type { ProviderError, ProviderErrorCode } from "@amc/platform/http/provider-error";

/**
 * What a failed sending says of the message. `refused`: not taken, and another try is refused as well.
 * `declined`: not taken now. `held`: nothing was sent. `unknown`: it may have been taken.
 */
export type Outcome = "refused" | "declined" | "held" | "unknown";

/** Of every other failure nobody knows what became of the message before the provider is asked. */
const KNOWN: Readonly<Partial<Record<ProviderErrorCode, Outcome>>> = {
  "provider.bad-request": "refused",
  "provider.not-found": "refused",
  "provider.refused": "refused",
  "provider.rate-limited": "declined",
  "provider.circuit-open": "held",
  "provider.budget-spent": "held",
  "provider.address": "held",
};

/** 408: the request did not come whole in the time that it was waited for, as far as they know. */
const REQUEST_TIMEOUT = 408;

export function outcomeOf({ code, facts }: ProviderError): Outcome {
  return facts.status === REQUEST_TIMEOUT ? "unknown" : (KNOWN[code] ?? "unknown");
}

/** The code that a delivery has of it: Twilio's own number where it gave one, which says what to mend. */
export function failureCode({ code, facts }: ProviderError): string {
  return facts.reason === undefined || code !== "provider.bad-request"
    ? code
    : `twilio.${facts.reason}`;
}

const FIRST_WAIT_MS = 5_000;
const WAIT_MS_MAX = 60_000;

/** Until the next try after so many failures in a row; `askedMs` is what the provider wants. */
export function waitAfter(failures: number, askedMs = 0): number {
  return Math.max(askedMs, Math.min(WAIT_MS_MAX, FIRST_WAIT_MS * 2 ** (failures - 1)));
}
