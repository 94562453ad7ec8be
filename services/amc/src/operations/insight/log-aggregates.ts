import type { Log } from "@amc/platform/log/port";
import { decodeRecord } from "@amc/platform/runtime/decode-record";
import {
  type Aggregates,
  INSIGHT_TOPICS,
  type InsightSpan,
  InsightTally,
} from "@amc/streams/insight/tally";
import type { AnyEvent } from "@amc/streams/kernel/stage";
import { addDays, DAY_MS } from "@amc/streams/market/calendar-date";
import { backwards } from "../log-search.ts";

const RUN = "discovery.run.v1";
/** Clocks of those who write a topic differ by minutes, and New York is behind UTC by hours. */
const SLACK_MS = DAY_MS;

/** Which days are wanted: so many that end with one, or with the newest that has a run for null. */
export interface WantedSpan {
  readonly days: number;
  readonly through: string | null;
}

/** What a log says of these days in figures; null where it has no run in them. */
export async function aggregatesOf(log: Log, wanted: WantedSpan): Promise<Aggregates | null> {
  const through = wanted.through ?? (await newestTradingDay(log));
  if (through === null) return null;
  const span: InsightSpan = { from: addDays(through, 1 - wanted.days), through };
  const tally = new InsightTally(span);
  const sinceMs = Date.parse(`${span.from}T00:00:00Z`) - SLACK_MS;
  for (const topic of INSIGHT_TOPICS) {
    for (const partition of partitionsOf(log, topic)) {
      for await (const event of newestFirst(log, topic, partition)) {
        // Time in a log only runs forward: all that is before it is older.
        if (event.value.happenedAt < sinceMs) break;
        tally.take(event);
      }
    }
  }
  return tally.aggregates();
}

async function newestTradingDay(log: Log): Promise<string | null> {
  let newest: string | null = null;
  for (const partition of partitionsOf(log, RUN)) {
    for await (const event of newestFirst(log, RUN, partition)) {
      if (event.topic !== RUN) continue;
      const { tradingDay } = event.value;
      if (newest === null || tradingDay > newest) newest = tradingDay;
      break;
    }
  }
  return newest;
}

/** None of a topic that came after the log was made. */
function partitionsOf(log: Log, topic: string): readonly number[] {
  const isPresent = log.topics().some((present) => present.topic === topic);
  return isPresent ? [...Array(log.partitions(topic)).keys()] : [];
}

/** A record that does not decode is passed over: whoever processes the log reports it. */
async function* newestFirst(log: Log, topic: string, partition: number): AsyncGenerator<AnyEvent> {
  const end = await log.endOffset(topic, partition);
  for await (const record of backwards(log, topic, partition, end)) {
    const decoded = decodeRecord(record, false);
    if (decoded.ok) yield decoded.event;
  }
}
