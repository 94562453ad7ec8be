import { boolean, date, instant, nullable, text, uuid } from "../columns.ts";
import type { Table } from "../table.ts";

/**
 * R-DB-08, R-SI-01: one row per period in which FINRA collects short interest. Of a period that was
 * decided by hand the projector joins days, status, notes and event in, from `finra_schedule_overrides`.
 */
export const finraReportingSchedule = {
  key: ["settlement_date"],
  // A period only moves on. At one instant `processed` is after `available` and `pending`, as in the alphabet.
  newestBy: ["moved_on_at", "status"],
  columns: {
    settlement_date: date,
    due_date: date,
    published_date: date,
    status: text(20),
    notes: nullable(text()),
    created_at: instant,
    updated_at: instant,
    /** Of the calendar and the figures alone, so that no decision holds up what follows from those. */
    moved_on_at: instant,
    /** Null: the calendar and the clock make a row, no single event; else the decision that it follows. */
    event_id: nullable(uuid),
  },
} as const satisfies Table;

/** R-SI-17: the newest decision about each period that was ever decided by hand. */
export const finraScheduleOverrides = {
  key: ["settlement_date"],
  newestBy: ["decided_at", "event_id"],
  columns: {
    settlement_date: date,
    due_date: date,
    published_date: date,
    /** From then on the period is available. */
    published_at: instant,
    computed_due_date: date,
    computed_published_date: date,
    /** False once it was withdrawn: then the days are those of the calendar. */
    is_manual: boolean,
    notes: nullable(text()),
    decided_at: instant,
    event_id: uuid,
  },
} as const satisfies Table;
