import type { ClientBase } from "pg";

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

/** Owner of tables that were just swapped in: nobody's, to be claimed by who runs. */
export const SWAP_OWNER = "swap";

/**
 * Makes the caller the only writer of a projection's partition: whoever was it before fails at its
 * next step, because each step moves the position by compare-and-set with the epoch as condition.
 * Waits for a step of the predecessor that is being committed.
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
