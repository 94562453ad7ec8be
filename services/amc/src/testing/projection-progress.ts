import type { Log } from "@amc/platform/log/port";
import type { TestDatabase } from "@amc/platform/postgres/testing";
import { poolOf } from "@amc/projector/testing/projector-fixture";
import { PROJECTIONS } from "@amc/streams/projections/projections";

/** Records that lie in the log for projections, counted once for each that reads them. */
export async function projectable(log: Log): Promise<number> {
  let records = 0;
  for (const topic of Object.values(PROJECTIONS).flat()) {
    for (let partition = 0; partition < log.partitions(topic); partition += 1) {
      records += await log.endOffset(topic, partition);
    }
  }
  return records;
}

/** As many of them as projectors have committed. */
export async function projected(database: TestDatabase): Promise<number> {
  const sum = "SELECT coalesce(sum(next_offset), 0)::integer AS records FROM projection_positions";
  const { rows } = await poolOf(database, "api").query<{ records: number }>(sum);
  return rows[0]?.records ?? 0;
}
