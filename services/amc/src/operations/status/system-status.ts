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
import { type SchedulerStanding, schedulerStanding } from "./scheduler-standing.ts";

/** Where the tables are; no homes before the first start has made a server. */
export type DatabasePlace =
  | { readonly kind: "given" }
  | { readonly kind: "own"; readonly homes: readonly string[] }
  | { readonly kind: "unknown" };

/** Where the log is, and who is at work there. */
export type SystemPlace = DirectoryPlace | ClusterPlace;

export interface DirectoryPlace {
  readonly kind: "directory";
  readonly directory: DataDirectory;
  readonly owner: LogOwner | null;
  /** Address of the API; null when nothing runs or it does not answer there. */
  readonly api: string | null;
}

/** Services of their own, each with its probes; which of them run, nobody but they knows. */
export interface ClusterPlace {
  readonly kind: "cluster";
  /** As KAFKA_BROKERS has them. */
  readonly brokers: string;
}

/** What could be found out; null where something does not run or does not answer. */
export interface SystemStatus {
  readonly place: SystemPlace;
  readonly log: LogStatus;
  readonly scheduler: SchedulerStanding;
  readonly database: DatabasePlace;
  /** Lag of the tables, or why it is not known. */
  readonly tables: readonly ProjectionLag[] | string;
}

/**
 * How the system of a data directory stands, running or not; its API is asked for at `port`, or where
 * it says itself when that is left out. Starts nothing and changes nothing.
 */
export async function systemStatus(
  directory: DataDirectory,
  variables: Variables,
  port: number | undefined,
): Promise<SystemStatus> {
  const owner = logOwner(directory);
  const api = owner === null ? null : await apiOf(owner, directory, variables, port);
  const { DATABASE_URL: url } = variables;
  return withInspectedLog(directory, async (log) => ({
    place: { kind: "directory", directory, owner, api },
    ...(await statusOf(log, variables)),
    database: url === undefined ? { kind: "own", homes: databaseHomes(directory) } : GIVEN,
    tables: await tableLags(
      log,
      url === undefined ? runningDatabase(directory)?.("api") : { connectionString: url },
      "their server runs only while npm start does",
    ),
  }));
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

/** How the system on a cluster stands, whatever of it runs. Starts nothing and changes nothing. */
export async function clusterStatus(log: Log, variables: Variables): Promise<SystemStatus> {
  const { DATABASE_URL: url, KAFKA_BROKERS: brokers = "" } = variables;
  return {
    place: { kind: "cluster", brokers },
    ...(await statusOf(log, variables)),
    database: url === undefined ? { kind: "unknown" } : GIVEN,
    tables: await tableLags(
      log,
      url === undefined ? undefined : { connectionString: url },
      "DATABASE_URL is not set",
    ),
  };
}

const GIVEN: DatabasePlace = { kind: "given" };

async function statusOf(
  log: Log,
  variables: Variables,
): Promise<Pick<SystemStatus, "log" | "scheduler">> {
  const status = await logStatus(log);
  const scheduler = await schedulerStanding(log, status.newestTick, variables, Date.now());
  return { log: status, scheduler };
}

async function tableLags(
  log: Log,
  connection: ClientConfig | undefined,
  unknownBecause: string,
): Promise<SystemStatus["tables"]> {
  if (connection === undefined) return unknownBecause;
  try {
    return await projectionLags(log, connection);
  } catch (error) {
    return `the database does not answer: ${error instanceof Error ? error.message : String(error)}`;
  }
}
