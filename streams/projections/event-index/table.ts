import { bigint, integer, placed, text, uuid } from "../columns.ts";
import type { Table } from "../table.ts";

/** Where an event lies, by its id; of a record written twice, the first copy. */
export const eventIndex = {
  key: ["event_id"],
  columns: {
    event_id: uuid,
    topic: text(249),
    partition: placed(integer),
    log_offset: placed(bigint),
  },
} as const satisfies Table;
