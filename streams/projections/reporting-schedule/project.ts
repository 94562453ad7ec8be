import type { StageEvent } from "../../kernel/stage.ts";
import { newYorkDateOf, newYorkToUtc } from "../../market/event-time.ts";
import {
  PUBLICATION_TIME,
  publishedAt,
  type ReportingScheduleRow,
  scheduleRowOf,
  scheduleRowsKnown,
} from "../../short-interest/finra-calendar.ts";
import { periodOfSetting, readDays } from "../../short-interest/schedule-override.ts";
import type { RowChange } from "../change.ts";

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

/**
 * R-SI-17: what a person decided about a period, with what the calendar says, which it is again once the
 * decision is withdrawn. A decision of no period, or one that cannot be read, is in force nowhere.
 */
export function projectScheduleDecision({
  id,
  value: { setting, value, actor, reason, publishedAt: decidedAt },
}: StageEvent<"ops.control.v1">): readonly RowChange[] {
  const date = periodOfSetting(setting);
  const computed = date === null ? null : scheduleRowOf(date);
  if (computed === null) return [];
  const read = readDays(computed.settlementDate, value);
  if (!read.ok) return [];
  const { dueDate, publishedDate } = read.days;
  return [
    {
      table: "finra_schedule_overrides",
      row: {
        settlement_date: computed.settlementDate,
        due_date: dueDate,
        published_date: publishedDate,
        published_at: newYorkToUtc(publishedDate, PUBLICATION_TIME),
        computed_due_date: computed.dueDate,
        computed_published_date: computed.publishedDate,
        is_manual: value !== null,
        notes: value === null ? null : `manual, by ${actor}: ${reason}`,
        decided_at: decidedAt,
        event_id: id,
      },
    },
  ];
}

/** Empty for years without reports and beyond the exchange calendar. */
function periodsOf(year: number): readonly Period[] {
  const known = periodsByYear.get(year);
  if (known !== undefined) return known;
  const rows = scheduleRowsKnown(year);
  if (rows.length === 0) return [];
  const scheduledAt = newYorkToUtc(`${year - 1}-01-01`, "00:00");
  const periods = rows.map((row) => ({
    ...{ ...row, scheduledAt },
    publishedAt: publishedAt(row.settlementDate),
  }));
  periodsByYear.set(year, periods);
  return periods;
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
      moved_on_at: updatedAt,
      event_id: null,
    },
  };
}
