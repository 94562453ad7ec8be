import { boolean, bytes, instant, text, uuid } from "../columns.ts";
import type { Table } from "../table.ts";

/** One row per alert to whoever operates the system. */
export const operationalAlerts = {
  key: ["event_id"],
  columns: {
    event_id: uuid,
    kind: text(200),
    severity: text(20),
    subject: text(200),
    happened_at: instant,
    raised_at: instant,
    finding: text(),
    simulated: boolean,
    event: bytes,
  },
} as const satisfies Table;
