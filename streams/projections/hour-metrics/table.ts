import { boolean, bytes, double, instant, nullable, text, uuid } from "../columns.ts";
import type { Table } from "../table.ts";

/** One row per measured figure and hour. */
export const hourMetrics = {
  key: ["event_id"],
  columns: {
    event_id: uuid,
    metric: text(200),
    subject: text(200),
    simulated: boolean,
    /** End of the hour. */
    happened_at: instant,
    value: nullable(double),
    verdict: text(20),
    event: bytes,
  },
} as const satisfies Table;
