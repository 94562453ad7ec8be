import { READ_MODEL_SCHEMA } from "@amc/platform/postgres/migration-files";
import { SWAP_OWNER } from "@amc/platform/postgres/positions";
import type { NEXT_SCHEMA, PREVIOUS_SCHEMA } from "@amc/platform/postgres/read-model-schema";
import pg, { type ClientBase, type ClientConfig } from "pg";

/** Next offsets of the tables in use, by `projection/topic/partition`. */
export async function livePositions(client: ClientBase): Promise<ReadonlyMap<string, number>> {
  const { rows } = await client.query<{
    projection: string;
    topic: string;
    partition: number;
    next_offset: number | string;
  }>(
    `SELECT projection, topic, partition, next_offset
     FROM ${READ_MODEL_SCHEMA}.projection_positions`,
  );
  return new Map(
    rows.map((row) => [`${row.projection}/${row.topic}/${row.partition}`, Number(row.next_offset)]),
  );
}

/**
 * Holds the projector in use up at its next transaction, by the lock that its first statement needs.
 * Returns what lets it go on. The lock goes with a connection of its own, whatever happens to us.
 */
export async function pauseProjector(config: ClientConfig): Promise<() => Promise<void>> {
  const client = new pg.Client({ ...config, application_name: "amc-rebuild-pause" });
  client.on("error", () => undefined);
  await client.connect();
  try {
    await client.query("BEGIN");
    await client.query(
      `LOCK TABLE ${READ_MODEL_SCHEMA}.projection_positions IN SHARE ROW EXCLUSIVE MODE`,
    );
  } catch (error) {
    await client.end();
    throw error;
  }
  return () => client.end();
}

/**
 * Makes the tables of a spare schema nobody's, with epochs above all that the tables in use have
 * known: after the swap no projector of either can write a row before it has claimed them.
 */
export async function handOver(
  client: ClientBase,
  schema: typeof NEXT_SCHEMA | typeof PREVIOUS_SCHEMA,
): Promise<void> {
  await client.query(
    `UPDATE ${schema}.projection_owners AS spare
     SET owner = $1,
         epoch = 1 + greatest(spare.epoch, (
           SELECT coalesce(max(epoch), 0) FROM ${READ_MODEL_SCHEMA}.projection_owners AS live
           WHERE live.projection = spare.projection AND live.partition = spare.partition))`,
    [SWAP_OWNER],
  );
  await client.query(
    `UPDATE ${schema}.projection_positions AS position SET epoch = owner.epoch
     FROM ${schema}.projection_owners AS owner
     WHERE owner.projection = position.projection AND owner.partition = position.partition`,
  );
}
