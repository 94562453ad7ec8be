import { CALENDAR_LAST_DATE } from "@amc/streams/market/calendar-data";
import { addDays } from "@amc/streams/market/calendar-date";
import { ticksDue } from "@amc/streams/market/clock-ticks";
import { MarketTimeError } from "@amc/streams/market/errors";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { newestPublishedPeriod } from "@amc/streams/short-interest/finra-calendar";
import { expect, it } from "vitest";
import { calendarCheck } from "./runtime-checks.ts";

const HOUR_MS = 3_600_000;
const at = (daysBefore: number) => newYorkToUtc(addDays(CALENDAR_LAST_DATE, -daysBefore), "12:00");

/** Whether time and short interest go on at an instant, in a scheduler that never stopped. */
function goesOn(nowMs: number): boolean {
  try {
    ticksDue(nowMs - HOUR_MS, nowMs, { tickMs: 1_000, slotMinutes: 15 });
    newestPublishedPeriod(nowMs);
    return true;
  } catch (error) {
    const isOutside =
      error instanceof MarketTimeError && error.code === "market-time.outside-calendar";
    if (isOutside) return false;
    throw error;
  }
}

it("trading days are asked for a year before they end, and are a failure before time stands still", () => {
  expect(calendarCheck(at(400)).status).toBe("ok");
  expect(calendarCheck(at(365))).toMatchObject({
    status: "warn",
    detail: expect.stringContaining(CALENDAR_LAST_DATE),
    mend: expect.stringContaining("calendar-data.ts"),
  });
  const seen = new Set<string>();
  for (let nowMs = at(30); nowMs < at(-30); nowMs += HOUR_MS) {
    const { status } = calendarCheck(nowMs);
    seen.add(`${status} ${goesOn(nowMs)}`);
  }
  expect([...seen]).toEqual(["warn true", "fail true", "fail false"]);
});
