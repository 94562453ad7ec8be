import { date, instant, nullable, text, uuid } from "../columns.ts";
import type { Table } from "../table.ts";

/** R-DB-08, R-SI-01: one row per period in which FINRA collects short interest. */
export const finraReportingSchedule = {
  key: ["settlement_date"],
  // A period only moves on. At one instant `processed` is after `available`, as in the alphabet.
  newestBy: ["updated_at", "status"],
  columns: {
    settlement_date: date,
    due_date: date,
    published_date: date,
    status: text(20),
    notes: nullable(text()),
    created_at: instant,
    updated_at: instant,
    /** Null: the calendar and the clock make a row, no single event. */
    event_id: nullable(uuid),
  },
} as const satisfies Table;
