import type { Log } from "@amc/platform/log/port";
import { recordsSince } from "@amc/platform/log/records-since";
import { decodeEvent } from "@amc/schemas/codec";
import type { EventOf, TopicName } from "@amc/schemas/topics";
import { optionsQueue } from "@amc/streams/jobs/options-queue";
import { DAY_MS } from "@amc/streams/market/calendar-date";
import { sessionBounds } from "@amc/streams/market/sessions";
import { QUOTE_DELAY_MS } from "../newest-options-day.ts";

/** A week holds the last trading day before any closure of the exchanges. */
const RECENT_MS = 7 * DAY_MS;

/** Underlyings that are worth a call at an instant, UTC ms, the most wanted first. */
export async function wantedUnderlyings(log: Log, atMs: number): Promise<readonly string[]> {
  const sinceMs = atMs - RECENT_MS;
  return optionsQueue({
    candidates: await eventsSince(log, "discovery.candidate.v1", sinceMs),
    recommendations: await eventsSince(log, "discovery.recommendation.v1", sinceMs),
  });
}

/**
 * Symbols of which the log has a snapshot of this source, made up or not as asked for, at the close of a
 * trading day.
 */
export async function collectedUnderlyings(
  log: Log,
  { source, simulated }: { readonly source: string; readonly simulated: boolean },
  date: string,
): Promise<ReadonlySet<string>> {
  const { openMs, closeMs } = sessionBounds(date);
  const snapshots = await eventsSince(log, "market.options.v1", openMs);
  // Yahoo's happen when the share last traded, which may be before the close.
  const isOfClose = ({ happenedAt, capturedAt }: EventOf<"market.options.v1">) =>
    happenedAt === closeMs || (happenedAt < closeMs && capturedAt >= closeMs + QUOTE_DELAY_MS);
  return new Set(
    snapshots
      .filter((snapshot) => snapshot.source === source && snapshot.simulated === simulated)
      .filter(isOfClose)
      .map(({ symbol }) => symbol),
  );
}

/** What cannot be read is a dead letter of whoever derives from it. */
async function eventsSince<Topic extends TopicName>(
  log: Log,
  topic: Topic,
  sinceMs: number,
): Promise<EventOf<Topic>[]> {
  const events: EventOf<Topic>[] = [];
  for await (const { value } of recordsSince(log, topic, sinceMs)) {
    if (value === null) continue;
    const decoded = decodeEvent(topic, value);
    if (decoded.ok && decoded.value.happenedAt >= sinceMs) events.push(decoded.value);
  }
  return events;
}
