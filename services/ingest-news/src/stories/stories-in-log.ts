import type { Log } from "@amc/platform/log/port";
import { recordsSince } from "@amc/platform/log/records-since";
import { decodeEvent } from "@amc/schemas/codec";
import { DAY_MS } from "@amc/streams/market/calendar-date";
import { KnownStories, SAME_HEADLINE_MS } from "./known-stories.ts";

const TOPIC = "market.news.v1";
/** Stories older than that are not looked for in the log: a feed carries none. */
export const REMEMBERED_MS = 10 * DAY_MS + SAME_HEADLINE_MS;

/**
 * Stories that were appended to a log since `sinceMs`, UTC ms, made up or not as asked for: what a mock
 * told is not known of a real feed. A record that does not decode is passed over; whoever processes the
 * log reports it.
 */
export async function storiesInLog(
  log: Log,
  sinceMs: number,
  simulated: boolean,
): Promise<KnownStories> {
  const stories = new KnownStories();
  for await (const { value } of recordsSince(log, TOPIC, sinceMs)) {
    const decoded = value === null ? null : decodeEvent(TOPIC, value);
    if (decoded?.ok !== true || decoded.value.simulated !== simulated) continue;
    stories.add(decoded.value);
  }
  return stories;
}
