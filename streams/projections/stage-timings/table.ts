import { bigint, double, instant, integer, text } from "../columns.ts";
import type { Table } from "../table.ts";

/** What the runtime measured about one stage in one slot. */
export const stageTimings = {
  key: ["projection", "happened_at", "stage", "partition"],
  measured: true,
  columns: {
    /** Projection that joins it into its rows; each keeps its own copy. */
    projection: text(100),
    stage: text(50),
    partition: integer,
    slot: instant,
    happened_at: instant,
    events: bigint,
    total_ms: double,
    max_ms: double,
    errors: bigint,
  },
} as const satisfies Table;
