import { bigint, bytes, instant, integer, json, measured, nullable, text } from "../columns.ts";
import type { Table } from "../table.ts";

/** Records the projector could not apply, raw, with where they lie and why (KIP-1034's shape). */
export const deadLetters = {
  key: ["projection", "topic", "partition", "log_offset"],
  columns: {
    projection: text(100),
    topic: text(249),
    partition: integer,
    log_offset: bigint,
    event_id: nullable(text()),
    record_key: nullable(bytes),
    record_value: nullable(bytes),
    /** `{name, value}` each, values in base64: a foreign header need not be valid text. */
    record_headers: json,
    happened_at: nullable(instant),
    appended_at: nullable(instant),
    error_code: text(100),
    error_message: text(),
    attempt: integer,
    /** Of the program that refused it, so a rebuild by another version may differ in it. */
    code_version: measured(text()),
  },
} as const satisfies Table;
