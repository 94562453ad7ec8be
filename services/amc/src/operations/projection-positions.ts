import { READ_MODEL_SCHEMA } from "@amc/platform/postgres/migration-files";
import pg, { type ClientConfig } from "pg";

/** An operator's question is not worth waiting longer for. */
const TIMEOUT_MS = 2_000;

export interface ProjectionPosition {
  readonly projection: string;
  readonly topic: string;
  readonly partition: number;
  readonly next: number;
}

/** Committed positions of all projections. Rejects when the database does not answer. */
export async function projectionPositions(
  connection: ClientConfig,
): Promise<readonly ProjectionPosition[]> {
  const client = new pg.Client({
    ...connection,
    application_name: "amc",
    connectionTimeoutMillis: TIMEOUT_MS,
    statement_timeout: TIMEOUT_MS,
  });
  // A broken connection fails the statement in hand; without a listener it would end the process.
  client.on("error", () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<ProjectionPosition & { next: string }>(
      `SELECT projection, topic, partition, next_offset::text AS next
       FROM ${READ_MODEL_SCHEMA}.projection_positions`,
    );
    return rows.map((row) => ({ ...row, next: Number(row.next) }));
  } finally {
    await client.end();
  }
}
