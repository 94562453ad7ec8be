import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { uuidOf } from "../kernel/ids.ts";
import { newYorkToUtc } from "../market/event-time.ts";
import { periodDecided } from "../testing/schedule-events.ts";
import { scheduleRow, scheduleRows } from "./finra-calendar.ts";
import { COMPUTED_SCHEDULE, scheduleAt } from "./schedule-in-force.ts";
import { daysText, periodOfSetting, readDays } from "./schedule-override.ts";

// TV-FIN-18: settled 2025-08-29, due 2025-09-03, published 2025-09-10.
const SETTLED = "2025-08-29";
const ID_TAIL = "-0000-8000-8000-000000000000";
const DECIDED = newYorkToUtc("2025-09-05", "11:00");
const decided = (value: string | null, at = DECIDED) => periodDecided(SETTLED, value, at);

describe("FINRA's schedule in force (R-SI-17)", () => {
  it("is the calendar's where nobody decided anything", () => {
    for (const row of scheduleRows(2025)) {
      expect(COMPUTED_SCHEDULE.row(row.settlementDate)).toEqual(row);
    }
    expect(COMPUTED_SCHEDULE.newestPublished(DECIDED)).toBe("2025-08-15");
  });

  it("has the days that a person decided, and the calendar's for those that nobody said", () => {
    const schedule = scheduleAt([decided("published=2025-09-12")], DECIDED);
    expect(schedule.row(SETTLED)).toEqual({
      ...{ settlementDate: SETTLED, dueDate: "2025-09-03", publishedDate: "2025-09-12" },
    });
    expect(schedule.publishedAt(SETTLED)).toBe(newYorkToUtc("2025-09-12", "18:00"));
    expect(schedule.isByHand(SETTLED)).toBe(true);
    expect(schedule.row("2025-09-15")).toEqual(scheduleRow("2025-09-15"));
  });

  it("is, as of an instant, what was decided until then: a later decision changes no answer about it", () => {
    const first = decided("published=2025-09-12");
    const second = decided("published=2025-09-11", DECIDED + 1);
    const publishedOn = (atMs: number) => scheduleAt([first, second], atMs).row(SETTLED);
    expect(publishedOn(DECIDED - 1)).toEqual(scheduleRow(SETTLED));
    expect(publishedOn(DECIDED).publishedDate).toBe("2025-09-12");
    expect(publishedOn(DECIDED + 1).publishedDate).toBe("2025-09-11");
  });

  it("is the calendar's again once the decision is withdrawn", () => {
    const schedule = scheduleAt(
      [decided("published=2025-09-12"), decided(null, DECIDED + 1)],
      DECIDED + 1,
    );
    expect(schedule.row(SETTLED)).toEqual(scheduleRow(SETTLED));
    expect(schedule.isByHand(SETTLED)).toBe(false);
  });

  it("does not depend on the order in which decisions are read", () => {
    const days = ["due=2025-09-04", "published=2025-09-11", null, "published=2025-09-15"];
    // Some of one instant, of which the id decides, as in the tables.
    const all = [0, 0, 1, 1].map((later, index) => ({
      ...decided(days[index] ?? null, DECIDED + later),
      id: uuidOf(`decision ${index}`),
    }));
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), fc.nat(2), (some, after) => {
        const expected = scheduleAt(all, DECIDED + after).row(SETTLED);
        expect(scheduleAt(some, DECIDED + after).row(SETTLED)).toEqual(expected);
      }),
    );
  });
});

describe("a decision about a period", () => {
  it("is, of two of one instant, the one that the table has: that with the greater id", () => {
    const [first, second] = ["published=2025-09-11", "published=2025-09-12"].map((value) =>
      decided(value),
    );
    if (first === undefined || second === undefined) throw new TypeError("no decision");
    const [lesser, greater] = [`${"0".repeat(8)}${ID_TAIL}`, `${"f".repeat(8)}${ID_TAIL}`];
    for (const read of [
      [
        { ...first, id: greater },
        { ...second, id: lesser },
      ],
      [
        { ...second, id: lesser },
        { ...first, id: greater },
      ],
    ]) {
      expect(scheduleAt(read, DECIDED).row(SETTLED).publishedDate).toBe("2025-09-11");
    }
  });

  it("that cannot be read takes nothing from the one before it, as in the table", () => {
    const read = [decided("published=2025-09-12"), decided("published=soon", DECIDED + 1)];
    expect(scheduleAt(read, DECIDED + 1).row(SETTLED).publishedDate).toBe("2025-09-12");
  });

  it.each([
    ["no day at all", ""],
    ["a word that is none", "tomorrow"],
    ["a day that there is not", "published=2025-09-31"],
    ["a day that is said twice", "due=2025-09-04 due=2025-09-05"],
    ["a publication before it is due", "published=2025-09-02"],
    ["a due day that is not after the settlement", "due=2025-08-29"],
    ["a slip of the year", "published=2026-09-12"],
    ["a publication on a Saturday", "published=2025-09-13"],
  ])("is refused with %s", (_what, text) => {
    expect(readDays(SETTLED, text)).toMatchObject({ ok: false });
    expect(scheduleAt([decided(text)], DECIDED).row(SETTLED)).toEqual(scheduleRow(SETTLED));
  });

  it.each(["2025-08-28", "1999-01-15", "2040-01-13"])(
    "is refused about %s, at which the calendar has no settlement",
    (date) => {
      expect(readDays(date, null)).toMatchObject({ ok: false });
    },
  );

  it("is read again from what a record holds", () => {
    const read = readDays(SETTLED, "published=2025-09-12");
    if (!read.ok) throw new TypeError(read.problem);
    expect(readDays(SETTLED, daysText(read.days))).toEqual(read);
  });

  it("is told from other settings by its name", () => {
    expect(periodOfSetting(`finra-schedule/${SETTLED}`)).toBe(SETTLED);
    expect(periodOfSetting("finra-schedule/soon")).toBeNull();
    expect(periodOfSetting("preset")).toBeNull();
  });
});
