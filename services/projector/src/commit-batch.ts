import { isConnectionLoss } from "@amc/platform/postgres/classify";
import { errorCode } from "@amc/platform/postgres/errors";
import type { ProjectionName } from "@amc/streams/projections/projections";
import type { Pool, PoolClient } from "pg";
import type { Batch } from "./batch.ts";
import { ProjectorError } from "./errors.ts";
import { joinsOf } from "./joins.ts";
import { runTogether, StatementError } from "./pipeline.ts";
import { advanceOf, NOT_ADVANCED } from "./positions.ts";
import type { Statement } from "./statement.ts";
import { insertOf, isOfKnownEvent, UNIQUE_VIOLATION, upsertOf } from "./upsert.ts";

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
const WITHOUT_SYNC = bare("without-sync", "SET LOCAL synchronous_commit = off");
const BEGIN = bare("begin", "BEGIN");
const COMMIT = bare("commit", "COMMIT");

function bare(name: string, text: string): Statement {
  return { name, text, parameters: [] };
}

/** Statements of a transaction and the point that is reached with them. */
type Step = readonly [statements: readonly Statement[], reached: CommitPoint];

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
 * All of it is sent at once and is one round trip: a turn of a busy event loop takes longer than
 * most of these statements. The server executes nothing behind a statement that failed. With a
 * probe, which wants to be between them, each step is sent by itself.
 *
 * Throws `projector.not-advanced` from step 2 and whatever the database throws. After an error from
 * step 5 nobody knows whether it took place; the positions tell (`standingOf`). Returns the SQLSTATE for which
 * it was written twice (`write`), or null.
 */
export async function commitBatch(
  pool: Pool,
  projection: ProjectionName,
  batch: Batch,
  probe?: Probe,
): Promise<string | null> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    return await write(client, projection, batch, probe);
  } catch (error) {
    broken = await rollBack(client, error);
    throw failureOf(error, projection, batch);
  } finally {
    client.release(broken);
  }
}

/**
 * In the belief that every event is new, because copies are rare: after a crash of who wrote them. When one
 * is not, nothing was written, and all is written again as if any could be a copy.
 */
async function write(
  client: PoolClient,
  projection: ProjectionName,
  batch: Batch,
  probe: Probe | undefined,
): Promise<string | null> {
  try {
    await run(client, stepsOf(projection, batch, insertOf), probe);
    return null;
  } catch (error) {
    if (!(error instanceof StatementError && isOfKnownEvent(error))) throw error;
    await client.query("ROLLBACK");
    await run(client, stepsOf(projection, batch, upsertOf), probe);
    return UNIQUE_VIOLATION;
  }
}

async function run(
  client: PoolClient,
  steps: readonly Step[],
  probe: Probe | undefined,
): Promise<void> {
  if (probe === undefined) await runTogether(client, allOf(steps));
  else await runProbed(client, steps, probe);
}

function stepsOf(
  projection: ProjectionName,
  { advances, rows }: Batch,
  rowsOf: typeof upsertOf,
): readonly Step[] {
  return [
    [[BEGIN, WITHOUT_SYNC], "begun"], // 1
    [[advanceOf(projection, advances)], "positions-advanced"], // 2
    ...rows.tables().map(([table, all]): Step => [[rowsOf(table, all)], `rows-written:${table}`]), // 3
    [joinsOf(projection, rows.joins), "joined"], // 4
    [[], "before-commit"],
  ];
}

function allOf(steps: readonly Step[]): readonly Statement[] {
  return [...steps.flatMap(([statements]) => statements), COMMIT]; // 5
}

async function runProbed(client: PoolClient, steps: readonly Step[], probe: Probe): Promise<void> {
  await probe("before-begin", client);
  for (const [statements, reached] of steps) {
    if (statements.length > 0) await runTogether(client, statements);
    await probe(reached, client);
  }
  await runTogether(client, [COMMIT]); // 5
}

/** What the statement failed with, in our words where it is ours. */
function failureOf(error: unknown, projection: ProjectionName, { advances }: Batch): unknown {
  if (!(error instanceof StatementError)) return error;
  const { facts, cause } = error;
  const isOurs =
    facts.statement === NOT_ADVANCED.statement && errorCode(cause) === NOT_ADVANCED.sqlState;
  if (!isOurs) return cause;
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
