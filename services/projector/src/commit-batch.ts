import { isConnectionLoss } from "@amc/platform/postgres/classify";
import type { ProjectionName } from "@amc/streams/projections/projections";
import type { Pool, PoolClient } from "pg";
import type { Batch } from "./batch.ts";
import { ProjectorError } from "./errors.ts";
import { applyJoins } from "./joins.ts";
import { advancePositions } from "./positions.ts";
import { upsertRows } from "./upsert.ts";

/** Places at which a test may end the process or break the connection; nothing else uses them. */
export type CommitPoint =
  | "before-begin"
  | "begun"
  | "positions-advanced"
  | `rows-written:${string}`
  | "joined"
  | "before-commit"
  | "committed"
  | "acknowledged"
  | "cached"
  | "exported";

export type Probe = (point: CommitPoint, client?: PoolClient) => Promise<void> | void;

/**
 * Nothing is lost when PostgreSQL's machine loses the last transactions: rows and position go
 * together and are made again from the log. So no commit waits for the disk, which would otherwise
 * be most of the time between a slice and its visible row.
 */
const BEGIN = "BEGIN; SET LOCAL synchronous_commit = off";

/**
 * The rows of a batch and the positions behind it, in one transaction:
 *
 *   1. begin
 *   2. advance the positions by compare-and-set; none or all, or the batch is not ours to write
 *   3. write the rows, table by table, refused records among them as dead letters
 *   4. join what more than one event fills
 *   5. commit
 *
 * A crash before 5 leaves neither rows nor positions, one after it leaves both. What must follow
 * (acknowledge, cache, export of dead letters) is in `ProjectionLoop` and may be repeated.
 *
 * Throws `projector.not-advanced` from step 2 and whatever the database throws. After an error from
 * step 5 nobody knows whether it took place; the positions tell (`standingOf`).
 */
export async function commitBatch(
  pool: Pool,
  projection: ProjectionName,
  batch: Batch,
  probe: Probe,
): Promise<void> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await probe("before-begin", client);
    await client.query(BEGIN); // 1
    await probe("begun", client);
    if (!(await advancePositions(client, projection, batch.advances))) {
      // 2
      throw notAdvanced(projection, batch);
    }
    await probe("positions-advanced", client);
    for (const [table, rows] of batch.rows.tables()) {
      // 3
      await upsertRows(client, table, rows);
      await probe(`rows-written:${table}`, client);
    }
    await applyJoins(client, projection, batch.rows.joins); // 4
    await probe("joined", client);
    await probe("before-commit", client);
    await client.query("COMMIT"); // 5
  } catch (error) {
    broken = await rollBack(client, error);
    throw error;
  } finally {
    client.release(broken);
  }
}

function notAdvanced(projection: ProjectionName, { advances }: Batch): ProjectorError {
  const [first] = advances;
  return new ProjectorError(
    "projector.not-advanced",
    `the positions of ${projection} are not where this projector left them`,
    {
      projection,
      topic: first?.topic ?? "",
      partition: first?.partition ?? 0,
      expected: first?.from ?? 0,
    },
  );
}

/** The error that makes the connection unfit for further use; undefined after a clean rollback. */
async function rollBack(client: PoolClient, reason: unknown): Promise<Error | undefined> {
  // Asking a server that hangs once more would only wait as long again.
  if (reason instanceof Error && isConnectionLoss(reason)) return reason;
  try {
    await client.query("ROLLBACK");
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error("ROLLBACK failed", { cause: reason });
  }
}
