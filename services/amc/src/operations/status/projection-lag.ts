import type { Log } from "@amc/platform/log/port";
import { READ_MODEL_SCHEMA } from "@amc/platform/postgres/migration-files";
import {
  PROJECTION_NAMES,
  PROJECTIONS,
  type ProjectionName,
} from "@amc/streams/projections/projections";
import pg, { type ClientConfig } from "pg";
import { partitionContents } from "../topic-contents.ts";

/** Records of the log that the tables of one projection do not hold yet. */
export interface ProjectionLag {
  readonly projection: ProjectionName;
  readonly records: number;
}

/** A status is not worth waiting longer for. */
const TIMEOUT_MS = 2_000;

/** Lag of every projection from its committed positions. Rejects when the database does not answer. */
export async function projectionLags(log: Log, connection: ClientConfig): Promise<ProjectionLag[]> {
  const positions = await committedPositions(connection);
  const lags: ProjectionLag[] = [];
  for (const projection of PROJECTION_NAMES) {
    let records = 0;
    for (const topic of PROJECTIONS[projection]) {
      for (const { partition, start, end } of await partitionContents(log, topic)) {
        records += end - (positions.get(`${projection}/${topic}/${partition}`) ?? start);
      }
    }
    lags.push({ projection, records });
  }
  return lags;
}

async function committedPositions(connection: ClientConfig): Promise<ReadonlyMap<string, number>> {
  const client = new pg.Client({
    ...connection,
    application_name: "amc-status",
    connectionTimeoutMillis: TIMEOUT_MS,
    statement_timeout: TIMEOUT_MS,
  });
  // A broken connection fails the statement in hand; without a listener it would end the process.
  client.on("error", () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<{ place: string; next: string }>(
      `SELECT projection || '/' || topic || '/' || partition AS place, next_offset::text AS next
       FROM ${READ_MODEL_SCHEMA}.projection_positions`,
    );
    return new Map(rows.map(({ place, next }) => [place, Number(next)]));
  } finally {
    await client.end();
  }
}
