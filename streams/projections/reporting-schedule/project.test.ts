import { describe, expect, it } from "vitest";
import { newYorkToUtc } from "../../market/event-time.ts";
import { scheduleRows } from "../../short-interest/finra-calendar.ts";
import { clockTick, shortInterest } from "../../testing/projected-events.ts";
import { given } from "../../testing/projection-spec.ts";
import { periodDecided } from "../../testing/schedule-events.ts";

const tick = (date: string, time = "10:00") =>
  clockTick({ happenedAt: newYorkToUtc(date, time), discovery: false });

const reported = (settlementDate: string, publishedAt: number, symbol = "GME") =>
  shortInterest({ settlementDate, publishedAt, capturedAt: publishedAt, symbol });

type Spec = ReturnType<typeof given>;
const row = (spec: Spec, settlementDate: string) =>
  spec.rows("finra_reporting_schedule").find((one) => Object.values(one)[0] === settlementDate);
const statusOf = (spec: Spec, settlementDate: string): unknown => {
  const found = row(spec, settlementDate);
  return found !== undefined && "status" in found ? found.status : undefined;
};

describe("the reporting schedule", () => {
  it("has the periods of the year of the newest tick and of the next (R-SI-01)", () => {
    const rows = given(tick("2021-01-13")).rows("finra_reporting_schedule");
    const expected = [...scheduleRows(2021), ...scheduleRows(2022)];
    expect(rows).toMatchObject(
      expected.map((period) => ({
        settlement_date: period.settlementDate,
        due_date: period.dueDate,
        published_date: period.publishedDate,
        status: "pending",
      })),
    );
    expect(rows).toHaveLength(48);
  });

  it("states the days of TV-FIN: settled 2021-01-15, due 01-20, published 01-27", () => {
    expect(row(given(tick("2021-01-13")), "2021-01-15")).toMatchObject({
      due_date: "2021-01-20",
      published_date: "2021-01-27",
    });
  });

  it("moves a period from pending to available at 18:00 ET of its publication (R-SI-02)", () => {
    const spec = given(tick("2021-01-27", "17:59"));
    expect(statusOf(spec, "2021-01-15")).toBe("pending");
    spec.when([tick("2021-01-27", "18:00")]);
    expect(row(spec, "2021-01-15")).toMatchObject({
      status: "available",
      updated_at: newYorkToUtc("2021-01-27", "18:00"),
    });
    expect(statusOf(spec, "2021-01-29")).toBe("pending");
  });

  it("moves a period to processed with the first figure of it, and never back", () => {
    const published = newYorkToUtc("2021-01-27", "18:00");
    const spec = given(tick("2021-01-27", "18:00"), reported("2021-01-15", published));
    spec.when([tick("2021-01-28"), tick("2021-01-26")]);
    expect(statusOf(spec, "2021-01-15")).toBe("processed");
    expect(statusOf(spec, "2021-01-29")).toBe("pending");
  });

  it("is the same whatever is read first", () => {
    const published = newYorkToUtc("2021-01-27", "18:00");
    const events = [
      tick("2021-01-13"),
      tick("2021-01-27", "18:00"),
      reported("2021-01-15", published),
      reported("2021-01-15", published + 60_000, "KOSS"),
      tick("2021-02-01"),
    ];
    expect(given(...events.toReversed()).everything()).toEqual(given(...events).everything());
  });

  it("has no row for a day at which FINRA does not collect, nor for years without reports", () => {
    const at = newYorkToUtc("2021-01-27", "18:00");
    const spec = given(reported("2021-01-14", at), reported("1999-01-15", at));
    expect(spec.rows("finra_reporting_schedule")).toEqual([]);
    expect(spec.misfits).toEqual([]);
  });

  it("ends with the exchange calendar instead of failing", () => {
    const rows = given(tick("2028-06-01")).rows("finra_reporting_schedule");
    // The period of 2028-12-29 is published in 2029, which the calendar does not know.
    expect(rows).toHaveLength(23);
    expect(given(tick("2031-06-02")).rows("finra_reporting_schedule")).toEqual([]);
  });

  it("R-SI-17: has a decision by hand beside what the calendar says, the newest of each period", () => {
    const at = newYorkToUtc("2021-01-20", "10:00");
    const spec = given(
      periodDecided("2021-01-15", "published=2021-01-28", at + 1),
      periodDecided("2021-01-15", "published=2021-01-29", at),
      periodDecided("2021-01-14", "published=2021-01-29", at),
    );
    expect(spec.rows("finra_schedule_overrides")).toEqual([
      expect.objectContaining({
        settlement_date: "2021-01-15",
        due_date: "2021-01-20",
        published_date: "2021-01-28",
        published_at: newYorkToUtc("2021-01-28", "18:00"),
        computed_published_date: "2021-01-27",
        is_manual: true,
        notes: "manual, by ann: notice of FINRA",
        decided_at: at + 1,
      }),
    ]);
    spec.when([periodDecided("2021-01-15", null, at + 2)]);
    expect(spec.rows("finra_schedule_overrides")).toMatchObject([
      { published_date: "2021-01-27", is_manual: false, notes: null },
    ]);
  });
});
