import { existsSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import pg, { type ClientConfig } from "pg";
import { type BinarySource, findBinaries, type PostgresBinaries } from "./binaries.ts";
import { type Credentials, loadOrCreateCredentials } from "./credentials.ts";
import { PostgresError } from "./errors.ts";
import { GuardianHandle } from "./guardian-handle.ts";
import { ensureDataDirectory, SUPERUSER } from "./initdb.ts";
import { claimHome, readServerRecord, releaseHome } from "./ownership.ts";
import { makeSocketDirectory, type Placement, placeServer, SOCKET_PORT } from "./placement.ts";
import { findPostmaster, hasEnded, stopPostmaster } from "./postmaster.ts";
import { ownIdentity } from "./process-identity.ts";

export interface EmbeddedServerOptions {
  /** Directory for data, passwords and log; made when absent. */
  readonly home: string;
  readonly binaries?: BinarySource;
  /** Told once when the server is gone for good although nobody stopped it. */
  readonly onFailure?: (error: PostgresError) => void;
  /** Removes the home, too, once the server has stopped, also after a kill of this process. */
  readonly ephemeral?: boolean;
  /** Gives the start up: what was begun of it is ended, and its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

export interface EmbeddedServer {
  readonly credentials: Credentials;
  readonly placement: Placement;
  readonly majorVersion: number;
  /** Connection as superuser to the maintenance database. */
  readonly superuser: Readonly<ClientConfig>;
  /** Process ids as of now; either changes when that process had to be started again. */
  processIds(): { readonly guardian: number | null; readonly postmaster: number | null };
  /** Stops the server and the guardian; harmless when repeated. */
  stop(): Promise<void>;
}

// A guardian that outlived its parent needs this long at most: all three steps of its shutdown.
const PREDECESSOR_MS = 30_000;
const LARGEST_LOG_BYTES = 4 * 1024 * 1024;

/**
 * Starts a real PostgreSQL server of ours, owned by this process: it stops when this process ends,
 * in whatever way. One left over by a process that was killed together with its guardian is stopped
 * first.
 *
 * @throws PostgresError `postgres.not-found`, `postgres.in-use`, `postgres.initdb-failed`,
 *   `postgres.start-failed` and those of `placeServer`
 */
export async function startEmbeddedServer(options: EmbeddedServerOptions): Promise<EmbeddedServer> {
  const binaries = findBinaries(options.binaries);
  const placement = placeServer(options.home, binaries);
  const { home } = placement;
  const { signal } = options;
  claimHome(home);
  let guardian: GuardianHandle | null = null;
  try {
    await stopPredecessor(placement, signal);
    signal?.throwIfAborted();
    makeSocketDirectory(placement);
    const credentials = loadOrCreateCredentials(home);
    await ensureDataDirectory(placement, credentials.superuser, signal);
    signal?.throwIfAborted();
    rotateLog(join(home, "server.log"));
    guardian = new GuardianHandle({
      logPath: join(home, "server.log"),
      onFailure: options.onFailure ?? (() => undefined),
      task: {
        owner: ownIdentity(),
        home,
        dataDirectory: placement.dataDirectory,
        command: join(placement.binDirectory, "postgres"),
        args: serverArguments(placement),
        account: placement.account,
        removeAfterStop: [placement.socketDirectory, ...(options.ephemeral === true ? [home] : [])],
      },
    });
    await guardian.ready(signal);
    const server = describeServer(placement, binaries, credentials, guardian);
    await checkLogin(server.superuser);
    return server;
  } catch (error) {
    await guardian?.stop();
    releaseHome(home);
    throw error;
  }
}

function describeServer(
  placement: Placement,
  binaries: PostgresBinaries,
  credentials: Credentials,
  guardian: GuardianHandle,
): EmbeddedServer {
  return {
    credentials,
    placement,
    majorVersion: binaries.majorVersion,
    superuser: {
      host: placement.socketDirectory,
      port: SOCKET_PORT,
      user: SUPERUSER,
      password: credentials.superuser,
      database: "postgres",
    },
    processIds: () => guardian.processIds(),
    stop: async () => {
      await guardian.stop();
      releaseHome(placement.home);
    },
  };
}

/** Waits for a guardian that is about to finish, and stops a server that has none any more. */
async function stopPredecessor(placement: Placement, signal?: AbortSignal): Promise<void> {
  const { home, dataDirectory } = placement;
  const record = readServerRecord(home);
  if (record !== null && !(await hasEnded(record.guardian, PREDECESSOR_MS, signal))) {
    throw new PostgresError("postgres.stop-failed", "the server of an earlier run does not stop", {
      path: home,
      pid: record.guardian.pid,
    });
  }
  if (!existsSync(dataDirectory)) return;
  const { running } = findPostmaster(dataDirectory, record?.postmaster ?? null);
  if (running !== null) await stopPostmaster(running);
}

function serverArguments(placement: Placement): string[] {
  const settings = Object.entries(serverSettings(placement));
  const switches = settings.flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  return ["-D", placement.dataDirectory, ...switches];
}

/**
 * On the command line they beat every configuration file, so what is acknowledged survives a power
 * loss whatever stands in `postgresql.conf`.
 */
export function serverSettings(placement: Placement): Readonly<Record<string, string | number>> {
  return {
    fsync: "on",
    full_page_writes: "on",
    synchronous_commit: "on",
    listen_addresses: "",
    unix_socket_directories: placement.socketDirectory,
    port: SOCKET_PORT,
    password_encryption: "scram-sha-256",
    timezone: "UTC",
    log_timezone: "UTC",
    // Values may be personal and may be large; the message and the position say what went wrong.
    log_min_error_statement: "panic",
  };
}

async function checkLogin(config: ClientConfig): Promise<void> {
  const client = new pg.Client({ ...config, connectionTimeoutMillis: 10_000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("SELECT 1");
  } catch (error) {
    throw new PostgresError(
      "postgres.start-failed",
      "PostgreSQL runs but refuses our password; its home holds data of another installation",
      { path: String(config.host) },
      { cause: error },
    );
  } finally {
    await client.end();
  }
}

function rotateLog(path: string): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LARGEST_LOG_BYTES) renameSync(path, `${path}.1`);
}
