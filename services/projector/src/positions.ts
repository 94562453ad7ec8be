import type { Log } from "@amc/platform/log/port";
import {
  claimPartition,
  type ProjectionPosition,
  readPositions,
  SWAP_OWNER,
} from "@amc/platform/postgres/positions";
import { TOPICS } from "@amc/schemas/topics";
import { PROJECTIONS, type ProjectionName } from "@amc/streams/projections/projections";
import type { ClientBase } from "pg";
import { arrayOf, textOf } from "./column-array.ts";
import type { Statement } from "./statement.ts";

/** Where a batch moves one position: from where it was read to behind its last record. */
export interface Advance {
  readonly topic: string;
  readonly partition: number;
  readonly epoch: number;
  readonly from: number;
  readonly to: number;
  readonly applied: number;
  readonly skipped: number;
  readonly deadLettered: number;
  /** Event time of the newest record applied, ms; null when none was. */
  readonly appliedThroughMs: number | null;
}

export type Position = Pick<ProjectionPosition, "topic" | "partition" | "epoch" | "nextOffset">;

/** The advance of a batch that holds nothing of a partition. */
export function standingStill({ topic, partition, epoch, nextOffset }: Position): Advance {
  const nothing = { applied: 0, skipped: 0, deadLettered: 0, appliedThroughMs: null };
  return { topic, partition, epoch, from: nextOffset, to: nextOffset, ...nothing };
}

/**
 * Takes a projection over: bumps its epochs, which fences every earlier owner, and gives partitions
 * that it has never read a position. A topic kept for ever starts at 0, and stops with an error
 * when retention has eaten that; one with a declared retention starts at what is left.
 * To be called inside a transaction.
 */
export async function claimProjection(
  client: ClientBase,
  log: Log,
  projection: ProjectionName,
  owner: string,
): Promise<readonly Position[]> {
  const topics = PROJECTIONS[projection];
  const partitions = Math.max(...topics.map((topic) => log.partitions(topic)));
  const epochs: number[] = [];
  for (let partition = 0; partition < partitions; partition += 1) {
    epochs.push(await claimPartition(client, projection, partition, owner));
  }
  for (const topic of topics) {
    for (let partition = 0; partition < log.partitions(topic); partition += 1) {
      const isKept = TOPICS[topic].retentionDays === null;
      const start = isKept ? 0 : await log.startOffset(topic, partition);
      await client.query(FIRST_POSITION, [projection, topic, partition, start, epochs[partition]]);
    }
  }
  return await readPositions(client, projection);
}

const FIRST_POSITION = `
  INSERT INTO projection_positions (projection, topic, partition, next_offset, epoch)
  VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`;

/** What PostgreSQL says when `advanceOf` found a position elsewhere. */
export const NOT_ADVANCED = { statement: "advance-positions", sqlState: "22012" } as const;

/**
 * Moves all positions of a batch by compare-and-set, and fails when one was not where it was left.
 * It comes first in the transaction: a fenced projector is held off before it writes a row, and a
 * try whose predecessor is still being committed waits for it here.
 */
export function advanceOf(projection: ProjectionName, advances: readonly Advance[]): Statement {
  const column = <Name extends keyof Advance>(name: Name) =>
    advances.map((advance) => advance[name]);
  return {
    name: NOT_ADVANCED.statement,
    text: ADVANCE,
    parameters: [
      textOf(projection),
      arrayOf("text", column("topic")),
      arrayOf("integer", column("partition")),
      arrayOf("bigint", column("epoch")),
      arrayOf("bigint", column("from")),
      arrayOf("bigint", column("to")),
      arrayOf("bigint", column("applied")),
      arrayOf("bigint", column("skipped")),
      arrayOf("bigint", column("deadLettered")),
      arrayOf("instant", column("appliedThroughMs")),
    ],
  };
}

// The rows and the COMMIT are sent before the answer to this is seen, so the statement itself has
// to fail; SQL has no other way to say so than an arithmetic one.
const ADVANCE = `
  WITH advanced AS (
    UPDATE projection_positions AS position
    SET next_offset = batch.next_offset,
        applied = position.applied + batch.applied,
        skipped = position.skipped + batch.skipped,
        dead_lettered = position.dead_lettered + batch.dead_lettered,
        applied_through = greatest(position.applied_through, batch.applied_through)
    FROM unnest($2::text[], $3::int4[], $4::int8[], $5::int8[], $6::int8[], $7::int8[], $8::int8[],
                $9::int8[], $10::timestamptz[])
      AS batch (topic, partition, epoch, expected, next_offset, applied, skipped, dead_lettered,
                applied_through)
    WHERE position.projection = $1 AND position.topic = batch.topic
      AND position.partition = batch.partition AND position.epoch = batch.epoch
      AND position.next_offset = batch.expected
    RETURNING 1
  )
  SELECT 1 / (count(*) = cardinality($2::text[]))::integer FROM advanced`;

/** What the table says about positions that did not move, or may have moved. */
export type Standing = "applied" | "not-applied" | "taken-over" | "replaced";

/**
 * Tells what became of a batch whose commit nobody has seen. `taken-over`: another projector owns
 * the projection now. `replaced`: the tables are others than those we began with, because a rebuild
 * was swapped in or back, or because a crash of the server took its last commits with it; they have
 * positions of their own to go on from.
 */
export async function standingOf(
  client: ClientBase,
  projection: ProjectionName,
  owner: string,
  advances: readonly Advance[],
): Promise<Standing> {
  const { rows } = await client.query<{ owner: string }>(
    "SELECT DISTINCT owner FROM projection_owners WHERE projection = $1",
    [projection],
  );
  const owners = rows.map((row) => row.owner);
  if (owners.some((other) => other !== owner && other !== SWAP_OWNER)) return "taken-over";
  const positions = new Map(
    (await readPositions(client, projection)).map((at) => [`${at.topic}/${at.partition}`, at]),
  );
  const isAt = (offset: "from" | "to") =>
    advances.every((advance) => {
      const stored = positions.get(`${advance.topic}/${advance.partition}`);
      return stored?.epoch === advance.epoch && stored.nextOffset === advance[offset];
    });
  if (isAt("to")) return "applied";
  return isAt("from") ? "not-applied" : "replaced";
}
