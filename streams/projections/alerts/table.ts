import { boolean, instant, integer, nullable, text, uuid } from "../columns.ts";
import type { Table } from "../table.ts";

/** Alerts the policy wants delivered. */
export const alerts = {
  key: ["event_id"],
  columns: {
    event_id: uuid,
    symbol: text(10),
    happened_at: instant,
    published_at: instant,
    captured_at: instant,
    simulated: boolean,
    alert_type: text(50),
    episode: text(),
    priority: text(20),
    audience: text(),
    subject_id: uuid,
    title: text(200),
    message: text(1600),
  },
} as const satisfies Table;

/** What became of each attempt to deliver an alert. */
export const alertDeliveries = {
  key: ["event_id"],
  columns: {
    event_id: uuid,
    alert_id: uuid,
    symbol: text(10),
    happened_at: instant,
    published_at: instant,
    captured_at: instant,
    simulated: boolean,
    source: text(),
    channel: text(50),
    attempt: integer,
    status: text(20),
    error: nullable(text()),
    recipient: nullable(text()),
    reference: nullable(text()),
    requested_at: nullable(instant),
  },
} as const satisfies Table;
