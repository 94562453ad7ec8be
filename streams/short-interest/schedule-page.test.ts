import { describe, expect, it } from "vitest";
import { periodDecided } from "../testing/schedule-events.ts";
import { type ReportingScheduleRow, scheduleRows } from "./finra-calendar.ts";
import { scheduleAt } from "./schedule-in-force.ts";
import { differencesFrom, listedPeriods } from "./schedule-page.ts";

// Made by hand after what FINRA says about the page; no copy of the page was at hand.
const page = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  `<html><body><table class="menu"><tr><td>Home</td></tr></table>
  <table border="1"><thead><tr>${head.map((text) => `<th scope="col">${text}</th>`).join("")}</tr></thead>
  <tbody>${rows
    .map((cells) => `<tr>${cells.map((text) => `<td><p>${text}</p></td>`).join("\n")}</tr>`)
    .join("\n")}</tbody></table></body></html>`;

const HEAD = ["Settlement Date", "Due Date &ndash; 6 p.m. ET", "Publication&nbsp;Date"];
const MONTHS =
  "January February March April May June July August September October November December";

function worded(date: string): string {
  const [year = "", month = "", day = ""] = date.split("-");
  return `${MONTHS.split(" ")[Number(month) - 1]} ${Number(day)}, ${year}`;
}

const slashed = (date: string) => date.replace(/^(\d+)-0?(\d+)-0?(\d+)$/, "$2/$3/$1");

function listed(rows: readonly ReportingScheduleRow[], write: (date: string) => string) {
  const cells = rows.map((row) =>
    [row.settlementDate, row.dueDate, row.publishedDate].map((date) => write(date)),
  );
  return listedPeriods(page(HEAD, cells));
}

describe("a page of FINRA's reporting schedule", () => {
  it.each([
    ["words", worded],
    ["slashes", slashed],
    ["weekdays", (date: string) => `Friday, ${worded(date)}*`],
    ["ISO", (date: string) => date],
  ])("with dates in %s says what the calendar says", (_, write) => {
    const periods = listed(scheduleRows(2025), write);
    expect(periods).toEqual(scheduleRows(2025));
    expect(differencesFrom(periods ?? [])).toEqual([]);
  });

  it("may leave publication out", () => {
    const rows = scheduleRows(2025).map(({ settlementDate, dueDate }) => [dueDate, settlementDate]);
    const periods = listedPeriods(page(["Due Date", "Settlement Date"], rows)) ?? [];
    expect(periods[0]).toEqual({
      ...{ settlementDate: "2025-01-15", dueDate: "2025-01-17", publishedDate: null },
    });
    expect(differencesFrom(periods)).toEqual([]);
  });

  it.each([
    ["no table", "<html><p>Settlement Date Due Date January 15, 2025</p></html>"],
    ["other columns", page(["Date", "Holiday"], [["January 1, 2025", "New Year"]])],
    ["a date that is none", page(HEAD, [["February 30, 2025", "March 4, 2025", "March 11, 2025"]])],
    ["a date without year", page(HEAD, [["January 15", "January 17", "January 27"]])],
    ["a cell too few", page(HEAD, [["January 15, 2025", "January 17, 2025"]])],
    ["no period", page(HEAD, [])],
    ["nothing", ""],
  ])("with %s is not read", (_, html) => {
    expect(listedPeriods(html)).toBeNull();
  });

  it("that says otherwise is told date by date", () => {
    const [first, second, third] = scheduleRows(2025);
    if (first === undefined || second === undefined || third === undefined) throw new TypeError();
    expect(differencesFrom([{ ...first, dueDate: "2025-01-21" }])).toEqual([
      "2025-01-15 is due on 2025-01-21, by the calendar on 2025-01-17",
    ]);
    expect(differencesFrom([{ ...first, publishedDate: "2025-01-28" }])).toEqual([
      "2025-01-15 is published on 2025-01-28, by the calendar on 2025-01-27",
    ]);
    expect(differencesFrom([{ ...first, settlementDate: "2025-01-14" }])).toEqual([
      "2025-01-14 is no settlement date of the calendar",
    ]);
    expect(differencesFrom([first, third])).toEqual(["2025-01-31 is not listed"]);
  });

  it("tells nothing of a period decided by hand while it says that or what the calendar says (R-SI-17)", () => {
    const [first] = scheduleRows(2025);
    if (first === undefined) throw new TypeError();
    const decided = periodDecided("2025-01-15", "published=2025-01-28", 0);
    const differences = (publishedDate: string) =>
      differencesFrom([{ ...first, publishedDate }], scheduleAt([decided], 0));
    expect(differences("2025-01-28")).toEqual([]);
    expect(differences("2025-01-27")).toEqual([]);
    expect(differences("2025-01-29")).toEqual([
      "2025-01-15 is published on 2025-01-29, by hand on 2025-01-28",
    ]);
  });
});
