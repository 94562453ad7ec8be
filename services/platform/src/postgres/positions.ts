import type { ClientBase } from "pg";
import { PostgresError } from "./errors.ts";

/** Where one projection stands in one partition of one topic. */
export interface ProjectionPosition {
  readonly topic: string;
  readonly partition: number;
  readonly nextOffset: number;
  readonly epoch: number;
  /** Records below `nextOffset`, by what became of them. */
  readonly applied: number;
  readonly skipped: number;
  readonly deadLettered: number;
  /** Event time of the newest record applied; null before the first. */
  readonly appliedThrough: Date | null;
}

export interface PositionAdvance {
  readonly projection: string;
  readonly topic: string;
  readonly partition: number;
  /** As `claimPartition` returned it. */
  readonly epoch: number;
  /** Position found at the start; null when this projection has none there yet. */
  readonly from: number | null;
  readonly to: number;
  readonly applied: number;
  readonly skipped: number;
  readonly deadLettered: number;
  /** Event time of the newest record applied in this step, ms; null when none was. */
  readonly appliedThroughMs: number | null;
}

/**
 * Makes the caller the only writer of a projection's partition: whoever was it before fails at its
 * next step. Waits for a step of the predecessor that is being committed.
 *
 * @param client inside a transaction
 * @param owner who it is, for people who look
 * @returns the epoch that every later step has to name
 */
export async function claimPartition(
  client: ClientBase,
  projection: string,
  partition: number,
  owner: string,
): Promise<number> {
  const claimed = await client.query<{ epoch: number | string }>(
    `INSERT INTO projection_owners AS owners (projection, partition, epoch, owner)
     VALUES ($1, $2, 1, $3)
     ON CONFLICT (projection, partition)
     DO UPDATE SET epoch = owners.epoch + 1, owner = excluded.owner
     RETURNING epoch`,
    [projection, partition, owner],
  );
  const epoch = Number(claimed.rows[0]?.epoch);
  await client.query(
    "UPDATE projection_positions SET epoch = $3 WHERE projection = $1 AND partition = $2",
    [projection, partition, epoch],
  );
  return epoch;
}

/** Positions of a projection in all partitions it has read from, by topic and partition. */
export async function readPositions(
  client: ClientBase,
  projection: string,
): Promise<ProjectionPosition[]> {
  const { rows } = await client.query<PositionRow>(
    `SELECT topic, partition, next_offset, epoch, applied, skipped, dead_lettered, applied_through
     FROM projection_positions WHERE projection = $1
     ORDER BY topic COLLATE "C", partition`,
    [projection],
  );
  return rows.map((row) => ({
    topic: row.topic,
    partition: row.partition,
    nextOffset: Number(row.next_offset),
    epoch: Number(row.epoch),
    applied: Number(row.applied),
    skipped: Number(row.skipped),
    deadLettered: Number(row.dead_lettered),
    appliedThrough: row.applied_through,
  }));
}

interface PositionRow {
  readonly topic: string;
  readonly partition: number;
  readonly next_offset: number | string;
  readonly epoch: number | string;
  readonly applied: number | string;
  readonly skipped: number | string;
  readonly dead_lettered: number | string;
  readonly applied_through: Date | null;
}

/**
 * Moves a position by compare-and-set. It has to be the first statement of the transaction that
 * writes the rows: it holds a fenced writer off before it writes anything, and it makes a swap of
 * the tables wait until the transaction has ended.
 *
 * @param client inside a transaction
 * @throws PostgresError `postgres.fenced` when the position or the owner is another; roll back
 */
export async function advancePosition(client: ClientBase, advance: PositionAdvance): Promise<void> {
  const { projection, topic, partition, epoch, from, to } = advance;
  const values = [
    ...[projection, topic, partition, epoch, to],
    ...[advance.applied, advance.skipped, advance.deadLettered],
    advance.appliedThroughMs === null ? null : new Date(advance.appliedThroughMs),
  ];
  const moved =
    from === null
      ? await client.query(FIRST_STEP, values)
      : await client.query(NEXT_STEP, [...values, from]);
  if (moved.rowCount === 1) return;
  throw new PostgresError(
    "postgres.fenced",
    `another writer has ${projection} in partition ${partition} of ${topic}`,
    { projection, topic, partition, epoch, from: from ?? undefined },
  );
}

// The share lock holds off a new owner until this transaction has ended.
const FIRST_STEP = `
  INSERT INTO projection_positions
    (projection, topic, partition, epoch, next_offset,
     applied, skipped, dead_lettered, applied_through)
  SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9
  FROM projection_owners
  WHERE projection = $1 AND partition = $3 AND epoch = $4
  FOR SHARE
  ON CONFLICT DO NOTHING`;

const NEXT_STEP = `
  UPDATE projection_positions
  SET next_offset = $5,
      applied = applied + $6,
      skipped = skipped + $7,
      dead_lettered = dead_lettered + $8,
      applied_through = greatest(applied_through, $9)
  WHERE projection = $1 AND topic = $2 AND partition = $3 AND epoch = $4 AND next_offset = $10`;
