import type { StageEvent } from "../../kernel/stage.ts";
import { coversDayNumber } from "../../market/calendar.ts";
import { addDays, dayNumberOf } from "../../market/calendar-date.ts";
import { newYorkDateOf, newYorkToUtc } from "../../market/event-time.ts";
import {
  FIRST_YEAR,
  publishedAt,
  type ReportingScheduleRow,
  scheduleRow,
  settlementDates,
} from "../../short-interest/finra-calendar.ts";
import type { RowChange } from "../change.ts";

/** Seven business days after a settlement date are never more calendar days than these. */
const PUBLICATION_DAYS_MAX = 15;

/** A period with the instants at which its row changes, UTC ms. */
interface Period extends ReportingScheduleRow {
  /** Start of the year before: from then on the schedule of "this and the next year" has it. */
  readonly scheduledAt: number;
  readonly publishedAt: number;
}

/** Periods by year of settlement; they depend on the year alone and are asked for with every tick. */
const periodsByYear = new Map<number, readonly Period[]>();

/**
 * R-SI-01, R-SI-02. The periods of the year of a tick and of the next, `available` from their
 * publication on. All times are those of the calendar, so a row is the same whichever tick makes it.
 */
export function projectScheduleAt({
  value: { happenedAt },
}: StageEvent<"ops.clock.v1">): readonly RowChange[] {
  const year = Number(newYorkDateOf(happenedAt).slice(0, 4));
  return [...periodsOf(year), ...periodsOf(year + 1)].map((period) =>
    period.publishedAt <= happenedAt
      ? rowOf(period, "available", period.publishedAt)
      : rowOf(period, "pending", period.scheduledAt),
  );
}

/** A reported figure: its period is `processed`. A date that FINRA never collected at has no row. */
export function projectShortInterest({
  value,
}: StageEvent<"short.interest.v1">): readonly RowChange[] {
  const { settlementDate } = value;
  const periods = periodsOf(Number(settlementDate.slice(0, 4)));
  const period = periods.find((one) => one.settlementDate === settlementDate);
  if (period === undefined) return [];
  return [rowOf(period, "processed", Math.max(value.publishedAt, period.publishedAt))];
}

/** Empty for years without reports and beyond the exchange calendar. */
function periodsOf(year: number): readonly Period[] {
  const known = periodsByYear.get(year);
  if (known !== undefined) return known;
  if (!(year >= FIRST_YEAR) || !isInCalendar(`${year}-12-31`)) return [];
  const scheduledAt = newYorkToUtc(`${year - 1}-01-01`, "00:00");
  const periods = settlementDates(year)
    .filter((date) => isInCalendar(addDays(date, PUBLICATION_DAYS_MAX)))
    .map((date) => ({ ...scheduleRow(date), scheduledAt, publishedAt: publishedAt(date) }));
  periodsByYear.set(year, periods);
  return periods;
}

function isInCalendar(date: string): boolean {
  return coversDayNumber(dayNumberOf(date));
}

function rowOf(
  { settlementDate, dueDate, publishedDate, scheduledAt }: Period,
  status: "pending" | "available" | "processed",
  updatedAt: number,
): RowChange {
  return {
    table: "finra_reporting_schedule",
    row: {
      settlement_date: settlementDate,
      due_date: dueDate,
      published_date: publishedDate,
      status,
      notes: null,
      created_at: scheduledAt,
      updated_at: updatedAt,
      event_id: null,
    },
  };
}
