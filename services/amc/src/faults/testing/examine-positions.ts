import type { Log } from "@amc/platform/log/port";
import { READ_MODEL_SCHEMA } from "@amc/platform/postgres/migration-files";
import { PROJECTION_NAMES, PROJECTIONS } from "@amc/streams/projections/projections";
import pg, { type ClientConfig } from "pg";

interface StoredPosition {
  readonly projection: string;
  readonly topic: string;
  readonly partition: number;
  readonly next: string;
  /** Records that were applied, skipped or dead-lettered. */
  readonly counted: string;
}

interface Standing {
  /** Projection, topic and partition. */
  readonly where: string;
  readonly next: number;
  readonly counted: number;
  /** Of the log. */
  readonly end: number;
}

/**
 * Says where the positions of the tables are not at the end of the log, or stand behind more or
 * fewer records than they were moved by: a batch that was applied twice is counted twice, although
 * its rows look the same. For logs without gaps, so not for those of transactions.
 */
export async function examinePositions(log: Log, connection: ClientConfig): Promise<string[]> {
  const standings = await standingsOf(log, connection);
  return standings.flatMap(({ where, next, counted, end }) => [
    ...(next === end ? [] : [`${where}: at ${next} of ${end}`]),
    ...(counted === next ? [] : [`${where}: ${counted} records counted up to ${next}`]),
  ]);
}

/** Whether the tables are told to hold all of the log. */
export async function isAtEnd(log: Log, connection: ClientConfig): Promise<boolean> {
  return (await standingsOf(log, connection)).every(({ next, end }) => next === end);
}

/** Records that the tables were told to hold, over all projections. */
export async function projectedRecords(connection: ClientConfig): Promise<number> {
  let records = 0;
  for (const { next } of (await positionsIn(connection)).values()) records += next;
  return records;
}

async function standingsOf(log: Log, connection: ClientConfig): Promise<Standing[]> {
  const positions = await positionsIn(connection);
  const standings: Standing[] = [];
  for (const projection of PROJECTION_NAMES) {
    for (const topic of PROJECTIONS[projection]) {
      for (let partition = 0; partition < log.partitions(topic); partition += 1) {
        const where = `${projection} of ${topic}/${partition}`;
        const position = positions.get(where) ?? { next: 0, counted: 0 };
        standings.push({ where, ...position, end: await log.endOffset(topic, partition) });
      }
    }
  }
  return standings;
}

async function positionsIn(
  connection: ClientConfig,
): Promise<ReadonlyMap<string, { readonly next: number; readonly counted: number }>> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    const { rows } = await client.query<StoredPosition>(
      `SELECT projection, topic, partition, next_offset AS next,
              applied + skipped + dead_lettered AS counted
       FROM ${READ_MODEL_SCHEMA}.projection_positions`,
    );
    return new Map(
      rows.map(({ projection, topic, partition, next, counted }) => [
        `${projection} of ${topic}/${partition}`,
        { next: Number(next), counted: Number(counted) },
      ]),
    );
  } finally {
    await client.end();
  }
}
