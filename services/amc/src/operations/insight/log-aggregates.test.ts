import { createMemoryLog } from "@amc/platform/log/memory";
import type { Log } from "@amc/platform/log/port";
import { encodeEvent } from "@amc/schemas/codec";
import { eventHeaders } from "@amc/schemas/headers";
import { InsightTally } from "@amc/streams/insight/tally";
import type { AnyEvent } from "@amc/streams/kernel/stage";
import { addDays } from "@amc/streams/market/calendar-date";
import { jobRun } from "@amc/streams/testing/job-events";
import { recommendation, run } from "@amc/streams/testing/projected-events";
import { describe, expect, it } from "vitest";
import { aggregatesOf } from "./log-aggregates.ts";

const FIRST_DAY = "2021-01-04";
const DAYS = 40;
/** Figures of hours came later than this log. */
const TOPICS = ["discovery.run.v1", "discovery.recommendation.v1", "ops.job-run.v1"] as const;

/** A run, a recommendation and a job on each of forty days, at 10:00 in New York. */
const EVENTS: readonly AnyEvent[] = Array.from({ length: DAYS }).flatMap((_, index) => {
  const tradingDay = addDays(FIRST_DAY, index);
  const atMs = Date.parse(`${tradingDay}T15:00:00Z`);
  return [
    run({ tradingDay, slot: atMs, universe: index + 1 }),
    recommendation({ tradingDay, slot: atMs, happenedAt: atMs, symbol: `S${index}` }),
    jobRun({ dueAt: atMs, happenedAt: atMs + 1 }),
  ];
});

async function logOf(events: readonly AnyEvent[]): Promise<Log> {
  const layout = TOPICS.map((topic) => ({ topic, partitions: 2 }));
  const log = createMemoryLog(layout, () => 0);
  for (const { topic, id, key, value } of events) {
    const headers = eventHeaders({ id, source: "/test", topic, happenedAt: value.happenedAt });
    await log.commit({ appends: [{ topic, key, value: encodeEvent(topic, value), headers }] });
  }
  return log;
}

describe("aggregates of a log", () => {
  it.each([
    [1, null],
    [7, null],
    [28, "2021-02-01"],
    [366, null],
  ])("over %i days to %s are those of all its events in these days", async (days, to) => {
    const log = await logOf(EVENTS);
    const through = to ?? addDays(FIRST_DAY, DAYS - 1);
    const tally = new InsightTally({ from: addDays(through, 1 - days), through });
    for (const event of EVENTS) tally.take(event);
    expect(tally.aggregates()).not.toBeNull();
    expect(await aggregatesOf(log, { days, through: to })).toEqual(tally.aggregates());
  });

  it("are none of an empty log, nor of days before its first run", async () => {
    expect(await aggregatesOf(await logOf([]), { days: 28, through: null })).toBeNull();
    const log = await logOf(EVENTS);
    expect(await aggregatesOf(log, { days: 28, through: addDays(FIRST_DAY, -1) })).toBeNull();
  });

  it("are whole although a record cannot be read", async () => {
    const log = await logOf(EVENTS);
    const value = new Uint8Array([0, 1, 2]);
    await log.commit({ appends: [{ topic: "discovery.run.v1", key: "x", value, headers: {} }] });
    const aggregates = await aggregatesOf(log, { days: 366, through: null });
    expect(aggregates?.figures["runs.all"]).toBe(DAYS);
  });
});
