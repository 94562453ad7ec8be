import type { Log } from "@amc/platform/log/port";
import { decodeRecord } from "@amc/platform/runtime/decode-record";
import { recordsOf } from "@amc/replay/log-digests";
import {
  type Aggregates,
  INSIGHT_TOPICS,
  type InsightSpan,
  InsightTally,
} from "@amc/streams/insight/tally";
import type { AnyEvent } from "@amc/streams/kernel/stage";
import { addDays } from "@amc/streams/market/calendar-date";

const RUN = "discovery.run.v1";

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
  for (const topic of INSIGHT_TOPICS) {
    for await (const event of eventsOf(log, topic)) tally.take(event);
  }
  return tally.aggregates();
}

async function newestTradingDay(log: Log): Promise<string | null> {
  let newest: string | null = null;
  for await (const event of eventsOf(log, RUN)) {
    if (event.topic !== RUN) continue;
    const { tradingDay } = event.value;
    if (newest === null || tradingDay > newest) newest = tradingDay;
  }
  return newest;
}

/** A record that does not decode is passed over: whoever processes the log reports it. */
async function* eventsOf(log: Log, topic: string): AsyncGenerator<AnyEvent> {
  if (!log.topics().some((present) => present.topic === topic)) return;
  for await (const record of recordsOf(log, topic)) {
    const decoded = decodeRecord(record, false);
    if (decoded.ok) yield decoded.event;
  }
}
