import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { isEarlyClose, isTradingDay } from "./calendar.ts";
import { CALENDAR_FIRST_DATE, CALENDAR_LAST_DATE } from "./calendar-data.ts";
import { addDays, weekdayOf } from "./calendar-date.ts";
import { newYorkDateOf } from "./event-time.ts";
import { sessionBounds } from "./sessions.ts";

const DATA = process.env.AMC_DATA ?? "../shared/data";
const LEAN_HOURS = path.join(DATA, "lean/market-hours-Equity-usa.json");
const RECORDED_SESSIONS = path.join(DATA, "gme-2021/calendar.csv");

interface MarketHours {
  readonly holidays: readonly string[];
  readonly earlyCloses: Readonly<Record<string, string>>;
}

function readMarketHours(): MarketHours {
  const file: { entries: Record<string, MarketHours> } = JSON.parse(
    readFileSync(LEAN_HOURS, "utf8"),
  );
  const hours = file.entries["Equity-usa-[*]"];
  if (hours === undefined) throw new Error(`${LEAN_HOURS} has no entry for US equities`);
  return hours;
}

/** `m/d/yyyy` as LEAN writes it. */
function isoDate(date: string): string {
  const [month = "", day = "", year = ""] = date.split("/");
  return `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
}

function isWeekday(date: string): boolean {
  return weekdayOf(date) !== 0 && weekdayOf(date) !== 6;
}

function datesWhere(holds: (date: string) => boolean): string[] {
  const dates: string[] = [];
  for (let date = CALENDAR_FIRST_DATE; date <= CALENDAR_LAST_DATE; date = addDays(date, 1)) {
    if (holds(date)) dates.push(date);
  }
  return dates;
}

describe("the exchange calendar and LEAN's market hours", () => {
  const absent = !existsSync(LEAN_HOURS);

  it.skipIf(absent)("have the same closed weekdays from 1998 to 2028 (needs AMC_DATA)", () => {
    // LEAN also lists two New Year's Days on a Saturday, 2011-01-01 and 2022-01-01.
    const closed = readMarketHours().holidays.map(isoDate).filter(isWeekday).sort();
    expect(datesWhere((date) => isWeekday(date) && !isTradingDay(date))).toEqual(closed);
  });

  it.skipIf(absent)("have the same early closes but for two named ones (needs AMC_DATA)", () => {
    // LEAN's table of early closes begins in 1999. The Friday after Thanksgiving and Christmas Eve
    // of 1998 closed at 13:00 as every year since 1993 (NYSE's list of special closings).
    const missingInLean = ["1998-11-27", "1998-12-24"];
    const { earlyCloses } = readMarketHours();
    expect(new Set(Object.values(earlyCloses))).toEqual(new Set(["13:00:00"]));
    // LEAN lists 2017-12-24, a Sunday.
    const early = Object.keys(earlyCloses).map(isoDate).filter(isWeekday);
    expect(datesWhere(isEarlyClose)).toEqual([...missingInLean, ...early].sort());
  });
});

describe("session bounds and a recorded session calendar", () => {
  const absent = !existsSync(RECORDED_SESSIONS);

  it.skipIf(absent)("agree on open and close of every session it lists (needs AMC_DATA)", () => {
    const lines = readFileSync(RECORDED_SESSIONS, "utf8").trim().split("\n");
    const recorded = lines.map((line) => line.split(",").map((seconds) => Number(seconds) * 1000));
    expect(recorded).toHaveLength(56);
    for (const [openMs = Number.NaN, closeMs = Number.NaN] of recorded) {
      const bounds = sessionBounds(newYorkDateOf(openMs));
      expect([bounds.openMs, bounds.closeMs]).toEqual([openMs, closeMs]);
    }
  });
});
