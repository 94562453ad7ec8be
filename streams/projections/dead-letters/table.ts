import { bigint, bytes, instant, integer, json, nullable, text } from "../columns.ts";
import type { Table } from "../table.ts";

/** Records the projector could not apply, raw, with where they lie and why (KIP-1034's shape). */
export const deadLetters = {
  key: ["topic", "partition", "log_offset"],
  columns: {
    topic: text(),
    partition: integer,
    log_offset: bigint,
    projection: text(),
    code: text(),
    reason: text(),
    record_key: nullable(text()),
    value: nullable(bytes),
    headers: json,
    appended_at: instant,
  },
} as const satisfies Table;
