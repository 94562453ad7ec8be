import { decodeEvent } from "@amc/schemas/codec";
import type { Log } from "../log/port.ts";
import { recordsSince } from "../log/records-since.ts";
import type { FailureStreak } from "./circuit-breaker.ts";
import { isFaultCode } from "./provider-error.ts";

const TOPIC = "ops.provider-call.v1";

/** How a call that was recorded has ended. */
export interface RecentCall {
  /** UTC ms. */
  readonly endedAt: number;
  /** Null for success. */
  readonly errorCode: string | null;
}

/**
 * Calls to a provider, or to its mock, as the log tells of those recorded since `sinceMs`, by their ends: what
 * budget and breaker have to know after a restart. A record that does not decode is passed over; the projector
 * reports it.
 */
export async function recentCalls(
  log: Log,
  { provider, simulated }: { readonly provider: string; readonly simulated: boolean },
  sinceMs: number,
): Promise<readonly RecentCall[]> {
  const calls: RecentCall[] = [];
  for await (const { key, value } of recordsSince(log, TOPIC, sinceMs)) {
    if (key !== provider || value === null) continue;
    const call = decodeEvent(TOPIC, value);
    if (!call.ok || call.value.simulated !== simulated) continue;
    const { happenedAt, responseMs, errorCode } = call.value;
    if (happenedAt >= sinceMs) calls.push({ endedAt: happenedAt + responseMs, errorCode });
  }
  return calls.sort((one, other) => one.endedAt - other.endedAt);
}

/**
 * Pure. The failures in a row that `calls` end with, by the rules of a breaker; null where they end with none. What
 * is no fault of the provider's ends no row, on trial neither.
 */
export function failureStreak(calls: readonly RecentCall[]): FailureStreak | null {
  const lastSuccess = calls.findLastIndex(({ errorCode }) => errorCode === null);
  const faults = calls
    .slice(lastSuccess + 1)
    .flatMap(({ endedAt, errorCode: reason }) =>
      reason !== null && isFaultCode(reason) ? [{ reason, lastAt: endedAt }] : [],
    );
  const last = faults.at(-1);
  return last === undefined ? null : { failures: faults.length, ...last };
}
