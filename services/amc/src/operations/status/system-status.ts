import type { Variables } from "@amc/platform/config/variables";
import type { Log } from "@amc/platform/log/port";
import type { ClientConfig } from "pg";
import { type DataDirectory, withInspectedLog } from "../data-directory.ts";
import { databaseHomes, runningDatabase } from "../database-access.ts";
import { type LogOwner, logOwner } from "../log-owner.ts";
import { doorOf } from "../settings/control-door.ts";
import { apiAddress, ifAnswering } from "./api-address.ts";
import { type LogStatus, logStatus } from "./log-status.ts";
import { type ProjectionLag, projectionLags } from "./projection-lag.ts";

/** Where the tables are; no homes before the first start has made a server. */
export type DatabasePlace =
  | { readonly kind: "given" }
  | { readonly kind: "own"; readonly homes: readonly string[] };

/** What could be found out; null where something does not run or does not answer. */
export interface SystemStatus {
  /** Null for a system on Kafka. */
  readonly directory: DataDirectory | null;
  readonly owner: LogOwner | null;
  /** Address of the API; null when nothing runs or it does not answer there. */
  readonly api: string | null;
  readonly log: LogStatus;
  readonly database: DatabasePlace;
  /** Lag of the tables, or why it is not known. */
  readonly tables: readonly ProjectionLag[] | string;
}

/**
 * How a system stands, running or not; its API is asked for at `port`, or where it says itself when
 * that is left out. Starts nothing and changes nothing.
 */
export async function systemStatus(
  directory: DataDirectory,
  variables: Variables,
  port: number | undefined,
): Promise<SystemStatus> {
  const owner = logOwner(directory);
  const api = owner === null ? null : await apiOf(owner, directory, variables, port);
  return withInspectedLog(directory, async (log) => ({
    ...{ directory, owner, api },
    log: await logStatus(log),
    database: databasePlace(directory, variables),
    tables: await tableLags(log, directory, variables),
  }));
}

/** How the system stands whose log on Kafka this is. */
export async function statusOnKafka(log: Log, variables: Variables): Promise<SystemStatus> {
  const { DATABASE_URL: url } = variables;
  return {
    ...{ directory: null, owner: null, api: null, database: { kind: "given" } },
    log: await logStatus(log),
    tables:
      url === undefined ? "DATABASE_URL names none" : await lagsAt(log, { connectionString: url }),
  };
}

async function apiOf(
  { pid }: LogOwner,
  directory: DataDirectory,
  { HOST: host, PORT: configured }: Variables,
  port: number | undefined,
): Promise<string | null> {
  if (port !== undefined) return apiAddress(host, port);
  const door = pid === null ? null : doorOf(directory.path, pid);
  return door === null ? apiAddress(host, configured) : ifAnswering(door.address);
}

function databasePlace(directory: DataDirectory, { DATABASE_URL: url }: Variables): DatabasePlace {
  return url === undefined ? { kind: "own", homes: databaseHomes(directory) } : { kind: "given" };
}

async function tableLags(
  log: Log,
  directory: DataDirectory,
  { DATABASE_URL: url }: Variables,
): Promise<SystemStatus["tables"]> {
  const connection =
    url === undefined ? runningDatabase(directory)?.("api") : { connectionString: url };
  if (connection === undefined) return "their server runs only while npm start does";
  return await lagsAt(log, connection);
}

async function lagsAt(log: Log, connection: ClientConfig): Promise<SystemStatus["tables"]> {
  try {
    return await projectionLags(log, connection);
  } catch (error) {
    return `the database does not answer: ${error instanceof Error ? error.message : String(error)}`;
  }
}
