import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isEarlyClose, isTradingDay } from "./calendar.ts";
import {
  dayStart,
  markedInstants,
  nextTickMs,
  type TickSchedule,
  ticksDue,
} from "./clock-ticks.ts";
import { newYorkToUtc } from "./event-time.ts";
import { sessionOf } from "./sessions.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const QUIET_MS = 30_000;
const QUARTER_MS = 900_000;
const HOUR_MS = 3_600_000;
const SCHEDULE: TickSchedule = { tickMs: SECOND_MS, slotMinutes: 15 };

/** The wall clock in New York by the time-zone data of Node, which our own arithmetic never asks. */
const wallClock = new Intl.DateTimeFormat("en-CA", {
  timeZone: "America/New_York",
  hourCycle: "h23",
  ...{ year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" },
});

function wallOf(atMs: number): { date: string; time: string } {
  const [date = "", time = ""] = wallClock.format(atMs).split(", ");
  return { date, time };
}

/** Whether a quarter of an hour is marked, asked of its wall clock alone: the oracle. */
function isMarked(atMs: number): boolean {
  const { date, time } = wallOf(atMs);
  if (!isTradingDay(date)) return false;
  const lastTime = isEarlyClose(date) ? "17:00" : "20:00";
  if (time === "20:00") return true;
  return time >= "04:00" && time <= lastTime;
}

function expectedMarks(afterMs: number, untilMs: number): number[] {
  const marks: number[] = [];
  let atMs = Math.floor(afterMs / QUARTER_MS) * QUARTER_MS + QUARTER_MS;
  for (; atMs <= untilMs; atMs += QUARTER_MS) if (isMarked(atMs)) marks.push(atMs);
  return marks;
}

/** What a clock that asks every second publishes from midnight to midnight. */
function ticksOfDay(date: string): number[] {
  const fromMs = newYorkToUtc(date, "00:00");
  const ticks: number[] = [];
  for (let nowMs = fromMs; nowMs < fromMs + 24 * HOUR_MS; nowMs += SECOND_MS) {
    ticks.push(...ticksDue(ticks.at(-1) ?? fromMs - 1, nowMs, SCHEDULE).ticks);
  }
  return ticks;
}

const bounds = (date: string) =>
  [newYorkToUtc(date, "00:00"), newYorkToUtc(date, "23:59")] as const;

describe("marked instants", () => {
  it.each([
    // Slots every 15 minutes from 04:00 to 19:45, and 20:00.
    ["a trading day", "2025-09-03", 65],
    ["the Friday before the clocks go ahead", "2025-03-07", 65],
    ["the Sunday on which they do", "2025-03-09", 0],
    ["the Monday after", "2025-03-10", 65],
    ["the Friday before they go back", "2025-10-31", 65],
    ["the Sunday on which they do", "2025-11-02", 0],
    ["the Monday after", "2025-11-03", 65],
    // Slots to 16:45, 17:00 and 20:00.
    ["a half day", "2025-11-28", 54],
    ["a holiday", "2025-11-27", 0],
    ["an ad-hoc closure", "2025-01-09", 0],
    ["a Saturday", "2025-09-06", 0],
  ])("of %s (%s) are %d", (_what, date, count) => {
    const [fromMs, toMs] = bounds(date);
    const marks = markedInstants(fromMs, toMs, 15);
    expect(marks).toHaveLength(count);
    expect(marks).toEqual(expectedMarks(fromMs, toMs));
  });

  it("are those that the wall clock of New York shows, through every hour of 2024 to 2027", () => {
    const [fromMs, toMs] = [Date.UTC(2024, 0, 1), Date.UTC(2028, 0, 1)];
    expect(markedInstants(fromMs, toMs, 15)).toEqual(expectedMarks(fromMs, toMs));
  });

  it("are what it names wherever an interval begins and ends: none is in two neighbours, none between", () => {
    const instant = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2026, 11, 20) });
    fc.assert(
      fc.property(
        instant,
        fc.array(fc.integer({ min: 0, max: 30 * HOUR_MS }), { maxLength: 6 }),
        (fromMs, spans) => {
          let atMs = fromMs;
          const found = spans.flatMap((span) => {
            atMs += span;
            return markedInstants(atMs - span, atMs, 15);
          });
          expect(found).toEqual(markedInstants(fromMs, atMs, 15));
        },
      ),
    );
  });
});

describe("ticks of a clock that never stops", () => {
  it("fall on every second from 04:00 to 20:00 of a trading day and on every half minute around it", () => {
    const ticks = ticksOfDay("2025-09-03");
    const inSessions = ticks.filter((atMs) => sessionOf(atMs) !== "OVERNIGHT");
    expect(inSessions).toHaveLength(16 * 3600);
    expect(ticks.length - inSessions.length).toBe(8 * 120);
    expect(new Set(ticks).size).toBe(ticks.length);
  });

  it("fall on every half minute of a day without a session", () => {
    const ticks = ticksOfDay("2025-07-04");
    expect(ticks).toHaveLength(24 * 120);
    expect(ticks.every((atMs) => atMs % QUIET_MS === 0)).toBe(true);
  });

  it("are next due where they are due then, and never before", () => {
    const instant = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2026, 11, 20) });
    fc.assert(
      fc.property(instant, fc.constantFrom(100, SECOND_MS, 15_000, MINUTE_MS), (nowMs, tickMs) => {
        const schedule = { tickMs, slotMinutes: 15 };
        const { ticks } = ticksDue(null, nowMs, schedule);
        const nextMs = nextTickMs(nowMs, schedule);
        expect(ticksDue(ticks[0] ?? null, nextMs - 1, schedule).ticks).toEqual([]);
        expect(ticksDue(ticks[0] ?? null, nextMs, schedule).ticks).toEqual([nextMs]);
      }),
    );
  });
});

describe("ticks of a clock that is late", () => {
  it("make up for every slot of the day in order, and for the newest plain tick alone", () => {
    const stoppedMs = newYorkToUtc("2025-09-03", "10:07:30");
    const backMs = newYorkToUtc("2025-09-03", "11:02:10") + 400;
    const { ticks, missed } = ticksDue(stoppedMs, backMs, SCHEDULE);
    const times = ["10:15", "10:30", "10:45", "11:00", "11:02:10"];
    expect(ticks).toEqual(times.map((time) => newYorkToUtc("2025-09-03", time)));
    expect(missed).toBe(0);
  });

  it("do not make up for days that are over, and count what was missed", () => {
    // Friday noon to Monday 09:31, over the night in which the clocks went back.
    const stoppedMs = newYorkToUtc("2025-10-31", "12:00");
    const backMs = newYorkToUtc("2025-11-03", "09:31");
    const { ticks, missed } = ticksDue(stoppedMs, backMs, SCHEDULE);
    expect(ticks[0]).toBe(newYorkToUtc("2025-11-03", "04:00"));
    expect(ticks).toHaveLength(23 + 1);
    // 12:15 to 20:00 of the Friday.
    expect(missed).toBe(32);
  });

  it("still close the evening of the day before until 04:00", () => {
    const stoppedMs = newYorkToUtc("2025-09-03", "19:59");
    const eveningMs = newYorkToUtc("2025-09-03", "20:00");
    const nightMs = newYorkToUtc("2025-09-04", "03:59");
    expect(ticksDue(stoppedMs, nightMs, SCHEDULE)).toEqual({
      ticks: [eveningMs, nightMs],
      missed: 0,
    });
    const morningMs = newYorkToUtc("2025-09-04", "04:00");
    expect(ticksDue(stoppedMs, morningMs, SCHEDULE)).toEqual({ ticks: [morningMs], missed: 1 });
  });

  it("begin with one where there was none before", () => {
    const nowMs = newYorkToUtc("2025-09-03", "15:59:59") + 999;
    expect(ticksDue(null, nowMs, SCHEDULE)).toEqual({ ticks: [nowMs - 999], missed: 0 });
  });

  it("wait where time went back", () => {
    const lastMs = newYorkToUtc("2025-09-03", "12:00");
    expect(ticksDue(lastMs, lastMs - HOUR_MS, SCHEDULE)).toEqual({ ticks: [], missed: 0 });
  });

  it("give every slot of the going day exactly once, however the instants are cut", () => {
    const start = fc.integer({ min: Date.UTC(2025, 0, 1), max: Date.UTC(2026, 11, 1) });
    // From a second to a long weekend, forwards and a little backwards.
    const step = fc.oneof(
      fc.integer({ min: 0, max: 20 * SECOND_MS }),
      fc.integer({ min: 0, max: 2 * HOUR_MS }),
      fc.integer({ min: 0, max: 90 * HOUR_MS }),
      fc.integer({ min: -HOUR_MS, max: 0 }),
    );
    fc.assert(
      fc.property(start, fc.array(step, { minLength: 1, maxLength: 40 }), (startMs, steps) => {
        const published: number[] = [...ticksDue(null, startMs, SCHEDULE).ticks];
        const firstMs = published[0] ?? startMs;
        let [nowMs, latestMs, missed] = [startMs, startMs, 0];
        const expected: number[] = [];
        for (const stepMs of steps) {
          nowMs += stepMs;
          const due = ticksDue(published.at(-1) ?? null, nowMs, SCHEDULE);
          published.push(...due.ticks);
          missed += due.missed;
          const going = markedInstants(latestMs, nowMs, 15).filter((at) => at >= dayStart(nowMs));
          expected.push(...going);
          latestMs = Math.max(latestMs, nowMs);
        }
        const marked = new Set(markedInstants(firstMs, latestMs, 15));
        expect(published.filter((atMs) => marked.has(atMs) && atMs > startMs)).toEqual(expected);
        expect(published).toEqual([...new Set(published)].sort((a, b) => a - b));
        expect(expected.length + missed).toBe(markedInstants(startMs, latestMs, 15).length);
      }),
      { numRuns: 150 },
    );
  });
});
