import type { Log } from "@amc/platform/log/port";
import { READ_MODEL_SCHEMA } from "@amc/platform/postgres/migration-files";
import { recordsOf } from "@amc/replay/log-digests";
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
  readonly topic: string;
  readonly partition: number;
  readonly next: number;
  readonly counted: number;
  /** Of the log. */
  readonly end: number;
}

/**
 * Says where the positions of the tables are not at the end of the log, or stand behind more or
 * fewer records than they were moved by: a batch that was applied twice is counted twice, although
 * its rows look the same. Records are read, because transactions leave gaps between offsets.
 */
export async function examinePositions(log: Log, connection: ClientConfig): Promise<string[]> {
  const standings = await standingsOf(log, connection);
  const records = await recordsByPlace(log, new Set(standings.map(({ topic }) => topic)));
  return standings.flatMap(({ where, topic, partition, next, counted, end }) => {
    const there = records.get(`${topic}/${partition}`) ?? 0;
    return [
      ...(next === end ? [] : [`${where}: at ${next} of ${end}`]),
      ...(counted === there ? [] : [`${where}: ${counted} records counted of ${there}`]),
    ];
  });
}

/** How many records each partition has, by `topic/partition`. */
async function recordsByPlace(
  log: Log,
  topics: ReadonlySet<string>,
): Promise<ReadonlyMap<string, number>> {
  const records = new Map<string, number>();
  for (const topic of topics) {
    for await (const { partition } of recordsOf(log, topic)) {
      const place = `${topic}/${partition}`;
      records.set(place, (records.get(place) ?? 0) + 1);
    }
  }
  return records;
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
        const end = await log.endOffset(topic, partition);
        standings.push({ where, topic, partition, ...position, end });
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
