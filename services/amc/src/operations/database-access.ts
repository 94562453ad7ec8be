import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadProcessConfig } from "@amc/platform/config/load-config";
import type { Variables } from "@amc/platform/config/variables";
import { type LoginRole, loadOrCreateCredentials } from "@amc/platform/postgres/credentials";
import { PostgresError } from "@amc/platform/postgres/errors";
import { sharedDirectories } from "@amc/platform/postgres/owned-directory";
import { readServerRecord } from "@amc/platform/postgres/ownership";
import { SOCKET_PORT } from "@amc/platform/postgres/placement";
import { findPostmaster } from "@amc/platform/postgres/postmaster";
import { ROLE_NAMES } from "@amc/platform/postgres/rights";
import type { ClientConfig } from "pg";
import type { CommandWords } from "../command.ts";
import { type Database, openDatabase } from "../database.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { type DataDirectory, existingDataDirectory, namedDataDirectory } from "./data-directory.ts";
import { isOnKafka } from "./named-log.ts";

/** The database that `npm start` makes in its server. */
const DATABASE = "amc";
const FALLBACK_PREFIX = "amc-postgres-home-";
/** Line of `postmaster.pid` with the directory of the socket (PostgreSQL's `utils/pidfile.h`). */
const SOCKET_DIRECTORY_LINE = 4;

/** Connections for work on the tables: the owner of the schemas, and who writes the rows. */
export type Connections = Database["connections"];

/** Whether there are tables: a server is named, or ours has been made by a first start. */
export function hasDatabase(directory: DataDirectory, { DATABASE_URL: url }: Variables): boolean {
  return url !== undefined || databaseHomes(directory).length > 0;
}

/**
 * The database of a data directory for one command: the one that DATABASE_URL names, that of a
 * running system, or else our own server, started for the time of `work`.
 */
export async function withDatabase<Result>(
  directory: DataDirectory,
  variables: Variables,
  work: (connections: Connections) => Promise<Result>,
): Promise<Result> {
  const running = variables.DATABASE_URL === undefined ? runningDatabase(directory) : null;
  if (running !== null) {
    return work({ migrator: running("migrator"), projector: running("projector") });
  }
  const database = await opened(directory, variables);
  try {
    return await work(database.connections);
  } finally {
    await database.close();
  }
}

/**
 * As `withDatabase`, of the system that the command names: on Kafka the tables are those of
 * DATABASE_URL. Ends the command where there are no tables.
 */
export async function withNamedTables<Result>(
  words: CommandWords,
  variables: Variables,
  work: (connections: Connections) => Promise<Result>,
): Promise<Result> {
  if (isOnKafka(words)) {
    const given = loadProcessConfig("operator-tables");
    return await withDatabase(namedDataDirectory(words), given, work);
  }
  const directory = existingDataDirectory(words);
  if (hasDatabase(directory, variables)) return await withDatabase(directory, variables, work);
  throw new CommandError(
    EXIT.unavailable,
    `${directory.path} has no tables yet: npm start builds them from the log`,
  );
}

/** How to connect to the server of a system that runs on this data directory; null without one. */
export function runningDatabase(
  directory: DataDirectory,
): ((role: LoginRole) => ClientConfig) | null {
  for (const home of databaseHomes(directory)) {
    const socket = runningSocket(home);
    if (socket === null) continue;
    const credentials = loadOrCreateCredentials(home);
    return (role) => ({
      host: socket,
      port: SOCKET_PORT,
      database: DATABASE,
      user: ROLE_NAMES[role],
      password: credentials[role],
    });
  }
  return null;
}

async function opened(directory: DataDirectory, variables: Variables): Promise<Database> {
  try {
    return await openDatabase({
      dataDirectory: directory.path,
      url: variables.DATABASE_URL,
      migratorUrl: variables.DATABASE_MIGRATOR_URL,
      binaries: variables.AMC_POSTGRES,
      // The statement in hand fails with it, and the command with the statement.
      onFailure: () => undefined,
    });
  } catch (error) {
    if (!(error instanceof PostgresError)) throw error;
    throw new CommandError(EXIT.unavailable, `the database cannot be opened: ${error.message}`, {
      cause: error,
    });
  }
}

/**
 * Where the server's files are: in the data directory, or, when the user that the server runs as
 * cannot enter that, in a shared directory under a name of ours with the wanted place in a file
 * (`fallback-home.ts` of the platform).
 */
export function databaseHomes({ postgres }: DataDirectory): string[] {
  const homes = [postgres];
  for (const shared of sharedDirectories(null)) {
    for (const name of readdirSync(shared)) {
      const home = join(shared, name);
      if (name.startsWith(FALLBACK_PREFIX) && standsFor(home) === postgres) homes.push(home);
    }
  }
  return homes.filter((home) => existsSync(join(home, "credentials.json")));
}

/**
 * The place that a fallback home stands for, the first line of its origin; null for a directory that
 * is not this user's. Further lines are for the version that made it.
 */
function standsFor(home: string): string | null {
  const isOurs = lstatSync(home, { throwIfNoEntry: false })?.uid === process.getuid?.();
  const origin = join(home, "origin");
  if (!isOurs || !existsSync(origin)) return null;
  const [wanted = ""] = readFileSync(origin, "utf8").split("\n", 1);
  return wanted;
}

function runningSocket(home: string): string | null {
  const recorded = readServerRecord(home)?.postmaster ?? null;
  for (const name of readdirSync(home).filter((entry) => /^pg\d+$/.test(entry))) {
    const data = join(home, name);
    if (findPostmaster(data, recorded).running === null) continue;
    const lines = readFileSync(join(data, "postmaster.pid"), "utf8").split("\n");
    const socket = lines[SOCKET_DIRECTORY_LINE];
    if (socket !== undefined && socket !== "") return socket;
  }
  return null;
}
