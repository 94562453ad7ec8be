import { decodeEvent } from "@amc/schemas/codec";
import type { Log } from "../log/port.ts";
import { recordsSince } from "../log/records-since.ts";

const TOPIC = "ops.provider-call.v1";

/**
 * Instants at which calls to a provider, or to its mock, had ended, UTC ms, as the log tells of those recorded since
 * `sinceMs`: what a budget has to know after a restart. A record that does not decode is passed over;
 * the projector reports it.
 */
export async function recentCalls(
  log: Log,
  { provider, simulated }: { readonly provider: string; readonly simulated: boolean },
  sinceMs: number,
): Promise<number[]> {
  const instants: number[] = [];
  for await (const { key, value } of recordsSince(log, TOPIC, sinceMs)) {
    if (key !== provider || value === null) continue;
    const call = decodeEvent(TOPIC, value);
    if (!call.ok || call.value.simulated !== simulated) continue;
    const { happenedAt, responseMs } = call.value;
    if (happenedAt >= sinceMs) instants.push(happenedAt + responseMs);
  }
  return instants;
}
