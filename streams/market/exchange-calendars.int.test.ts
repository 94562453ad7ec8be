import { spawnSync } from "node:child_process";
import { findPython } from "@amc/schemas/testing/python";
import { describe, expect, it } from "vitest";
import { isTradingDay } from "./calendar.ts";
import { addDays } from "./calendar-date.ts";
import { sessionBounds } from "./sessions.ts";

/**
 * Another calendar of the same exchange, kept by others: the Python package behind zipline and its
 * successors. Without Python, or a way to install it, this is skipped by name.
 */
const PACKAGE = "exchange-calendars==4.13.2";
const [FIRST, LAST] = ["2015-01-01", "2027-12-31"];

/** Prints `{"yyyy-mm-dd": [open, close]}` of New York's regular sessions, UTC ms. */
const PROGRAM = `
import json
import exchange_calendars
schedule = exchange_calendars.get_calendar("XNYS", start="${FIRST}", end="${LAST}").schedule
ms = lambda instant: int(instant.timestamp() * 1000)
print(json.dumps({str(day.date()): [ms(row.open), ms(row.close)] for day, row in schedule.iterrows()}))
`;

const python = findPython([PACKAGE]);
const skipped = "missing" in python ? ` (skipped: ${python.missing})` : "";

function theirs(): unknown {
  if ("missing" in python) throw new Error(python.missing);
  const { status, stdout, stderr } = spawnSync(python.path, ["-c", PROGRAM], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

function ours(): Readonly<Record<string, readonly number[]>> {
  const sessions: Record<string, readonly number[]> = {};
  for (let date = FIRST; date <= LAST; date = addDays(date, 1)) {
    if (!isTradingDay(date)) continue;
    const { openMs, closeMs } = sessionBounds(date);
    sessions[date] = [openMs, closeMs];
  }
  return sessions;
}

describe.skipIf("missing" in python)(`${PACKAGE}${skipped}`, () => {
  it("opens and closes on the same days at the same instants from 2015 to 2027", () => {
    const sessions = ours();
    expect(theirs()).toEqual(sessions);
    // Of these years: 26 changes of the clocks, a day of mourning each in 2018 and 2025.
    expect(Object.keys(sessions).length).toBe(3_268);
  }, 300_000);
});
