import type { Log } from "@amc/platform/log/port";
import { decodeEvent } from "@amc/schemas/codec";
import { KnownStories } from "./known-stories.ts";

const TOPIC = "market.news.v1";
const READ = { maxRecords: 1_000, maxBytes: 1_000_000 };

/**
 * Stories that were appended to a log since `sinceMs`, UTC ms. A record that does not decode is passed
 * over; whoever processes the log reports it.
 */
export async function storiesInLog(log: Log, sinceMs: number): Promise<KnownStories> {
  const stories = new KnownStories();
  for (let partition = 0; partition < log.partitions(TOPIC); partition += 1) {
    const end = await log.endOffset(TOPIC, partition);
    let next = await log.offsetAtTime(TOPIC, partition, sinceMs);
    while (next < end) {
      const records = await log.read(TOPIC, partition, next, READ);
      const last = records.at(-1);
      if (last === undefined) break;
      next = last.offset + 1;
      for (const { value } of records) {
        const decoded = value === null ? null : decodeEvent(TOPIC, value);
        if (decoded?.ok === true) stories.add(decoded.value);
      }
    }
  }
  return stories;
}
