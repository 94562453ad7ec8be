import { createPool } from "@amc/platform/postgres/pool";
import { countOld, type PrunedTable, prune, retentionsFor } from "@amc/projector/prune";
import type { ClientConfig } from "pg";

/** Rows that have outlived the retention of their table. */
export interface TableCut {
  readonly table: PrunedTable;
  readonly retentionDays: number;
  readonly rows: number;
}

/** Deletes rows older than their table's retention at `asOfMs`, or counts them in a dry run. */
export async function cutTables(
  connection: ClientConfig,
  asOfMs: number,
  { isDryRun, shortInterestDays }: { isDryRun: boolean; shortInterestDays: number },
): Promise<TableCut[]> {
  const pool = createPool({ connection, applicationName: "amc-prune", max: 1 });
  try {
    const cut = isDryRun ? countOld : prune;
    const rows = await cut(pool, asOfMs, { shortInterestDays });
    return retentionsFor(shortInterestDays).map(({ table, days }) => ({
      table,
      retentionDays: days,
      rows: rows.get(table) ?? 0,
    }));
  } finally {
    await pool.end();
  }
}
