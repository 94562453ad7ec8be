import type { Log } from "@amc/platform/log/port";
import { encodeEvent } from "@amc/schemas/codec";
import type { Input } from "@amc/schemas/generated/events";
import { eventHeaders } from "@amc/schemas/headers";
import { uuidOf } from "@amc/streams/kernel/ids";
import { addTradingDays } from "@amc/streams/market/calendar";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { memoryLog } from "../testing/api-under-test.ts";
import { FactLocator } from "./fact-locator.ts";

/**
 * Found in review: facts were searched for from the newest cut back, 100,000 records at most and again
 * for every request. Of 2,000 symbols over four partitions each partition holds 125,000 daily bars, and
 * the first one of a window was out of reach before the minutes of a single session had been counted.
 */
const SYMBOLS = 500;
const SESSIONS = 250;
const TODAY = "2021-01-13";
const TICKS = "market.price-tick.v1";
const CLOCK = "ops.clock.v1";
const SYMBOL = "S250";

const nameOf = (index: number): string => `S${index}`;
const days = Array.from({ length: SESSIONS }, (_, index) =>
  addTradingDays(TODAY, index - SESSIONS),
);
const barId = (day: string, symbol: string): string => uuidOf(`bar/${day}/${symbol}`);
const minuteId = (minute: number, symbol: string): string => uuidOf(`minute/${minute}/${symbol}`);

/** Facts of one publication, of all symbols. What they say is of no importance here. */
async function publish(log: Log, at: number, idOf: (symbol: string) => string): Promise<void> {
  const appends = Array.from({ length: SYMBOLS }, (_, index) => {
    const symbol = nameOf(index);
    const headers = eventHeaders({ id: idOf(symbol), source: "/t", topic: TICKS, happenedAt: at });
    return { topic: TICKS, partition: 0, key: symbol, value: null, headers };
  });
  await log.commit({ appends });
}

async function tick(log: Log, at: number): Promise<void> {
  const cuts = [{ topic: TICKS, endOffset: await log.endOffset(TICKS, 0) }];
  const value = encodeEvent(CLOCK, { happenedAt: at, cuts, discovery: true, source: "t" });
  const headers = eventHeaders({ id: uuidOf(`${at}`), source: "/t", topic: CLOCK, happenedAt: at });
  await log.commit({ appends: [{ topic: CLOCK, partition: 0, key: null, value, headers }] });
}

const MINUTES = 60;
const openAt = newYorkToUtc(TODAY, "09:30");
const closeOf = (day: string): number => newYorkToUtc(day, "20:00");

/** Daily bars of 250 sessions and the first hour of today's minutes; a tick for each publication. */
async function playedMarket(): Promise<Log> {
  const log = memoryLog(1);
  for (const day of days) {
    await publish(log, closeOf(day), (symbol) => barId(day, symbol));
    await tick(log, closeOf(day));
  }
  await writeMinutes(log);
  return log;
}

/** The same, but the history came at once, before the first tick there is. */
async function marketWithLoadedHistory(): Promise<Log> {
  const log = memoryLog(1);
  for (const day of days) await publish(log, closeOf(day), (symbol) => barId(day, symbol));
  await writeMinutes(log);
  return log;
}

async function writeMinutes(log: Log): Promise<void> {
  for (let minute = 0; minute < MINUTES; minute += 1) {
    const at = openAt + (minute + 1) * 60_000;
    await publish(log, at, (symbol) => minuteId(minute, symbol));
    await tick(log, at);
  }
}

const owner = { symbol: SYMBOL, tradingDay: TODAY, completedSessions: SESSIONS };
const input = (known: Partial<Input>): Input => ({
  ...{ role: "dailyBars", topic: TICKS, source: "t", confidence: 1, hash: "" },
  ...{ firstId: "", lastId: "", count: SESSIONS, happenedAt: 0, publishedAt: 0 },
  ...known,
});
const [firstDay = "", lastDay = ""] = [days[0], days.at(-1)];
const DAILY = input({
  firstId: barId(firstDay, SYMBOL),
  lastId: barId(lastDay, SYMBOL),
  publishedAt: closeOf(lastDay),
});
const SESSION = input({
  ...{ role: "sessionTicks", count: MINUTES, publishedAt: openAt + MINUTES * 60_000 },
  firstId: minuteId(0, SYMBOL),
  lastId: minuteId(MINUTES - 1, SYMBOL),
});
const placeAt = (publication: number) => ({
  ...{ topic: TICKS, partition: 0, offset: publication * SYMBOLS + 250 },
});

describe.each([
  ["played with a tick for every publication", playedMarket],
  ["whose history was loaded at once", marketWithLoadedHistory],
])("the fact locator in a market of 2,000 symbols over four partitions, %s", (_, written) => {
  let log: Log;
  beforeAll(async () => {
    log = await written();
  });

  it("finds the first and the newest of 250 daily bars and of the session's minutes", async () => {
    const locator = new FactLocator(log);
    expect(await locator.input(owner, DAILY)).toEqual({
      first: placeAt(0),
      last: placeAt(SESSIONS - 1),
    });
    expect(await locator.input(owner, SESSION)).toEqual({
      first: placeAt(SESSIONS),
      last: placeAt(SESSIONS + MINUTES - 1),
    });
  });

  it("finds the first of a window also when sessions are missing between", async () => {
    const gaps = { ...owner, completedSessions: SESSIONS - 5 };
    const first = await new FactLocator(log).input(gaps, { ...DAILY, count: SESSIONS - 5 });
    expect(first).toEqual({ first: placeAt(0), last: placeAt(SESSIONS - 1) });
  });

  it("reads a bounded number of records for an id that is not there, and does so once", async () => {
    const read = vi.spyOn(log, "read");
    try {
      const locator = new FactLocator(log);
      const absent = { ...DAILY, firstId: uuidOf("absent"), lastId: barId(lastDay, SYMBOL) };
      const asked = await Promise.all([locator.input(owner, absent), locator.input(owner, absent)]);
      for (const places of asked) expect(places).toEqual({ first: null, last: placeAt(249) });
      const records = read.mock.calls.reduce((sum, [, , , { maxRecords }]) => sum + maxRecords, 0);
      expect(records).toBeLessThan(110_000);
      const reads = read.mock.calls.length;
      await locator.input(owner, absent);
      expect(read.mock.calls).toHaveLength(reads);
    } finally {
      read.mockRestore();
    }
  });
});
