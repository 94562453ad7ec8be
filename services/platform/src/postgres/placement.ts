import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { PostgresBinaries } from "./binaries.ts";
import { errorCode, PostgresError } from "./errors.ts";
import { useFallbackHome } from "./fallback-home.ts";
import { ensureOwnedDirectory, pathHash, sharedDirectories } from "./owned-directory.ts";
import { hydrateSymlinks } from "./package-symlinks.ts";
import { canEnter, canRun, chooseServerAccount, type ServerAccount } from "./server-account.ts";

/** Where everything of one server lies, after the server's user has been found to reach it. */
export interface Placement {
  readonly account: ServerAccount | null;
  readonly binDirectory: string;
  /** Holds credentials, log, ownership record and the data of each major version. */
  readonly home: string;
  /** The data directory proper, one per major version, because they cannot read each other's. */
  readonly dataDirectory: string;
  /** Short, with the socket of exactly this server in it; made by `makeSocketDirectory`. */
  readonly socketDirectory: string;
}

// sun_path holds 104 bytes on macOS and 108 on Linux, the closing zero included.
const LONGEST_SOCKET_PATH = 103;

/** Name of the socket file for the port number every server of ours has. */
export const SOCKET_PORT = 5432;

/**
 * Chooses user and places for a server.
 *
 * @param wantedHome where the caller would have it; used unless the server's user cannot reach it
 * @throws PostgresError `postgres.unsafe-directory`, `postgres.unreachable-directory`,
 *   `postgres.unusable-binaries`, `postgres.no-unprivileged-user`
 */
export function placeServer(wantedHome: string, binaries: PostgresBinaries): Placement {
  const wanted = resolve(wantedHome);
  mkdirSync(dirname(wanted), { recursive: true });
  const dataName = `pg${binaries.majorVersion}`;
  const account = chooseServerAccount(join(wanted, dataName));
  const home = placeHome(wanted, account);
  return {
    account,
    binDirectory: placeBinaries(binaries, account),
    home,
    dataDirectory: join(home, dataName),
    socketDirectory: chooseSocketDirectory(home, account),
  };
}

/** The server's user passes through the home into its data directory, and reads nothing else. */
function placeHome(wanted: string, account: ServerAccount | null): string {
  const parent = realpathSync(dirname(wanted));
  const mode = account === null ? 0o700 : 0o711;
  if (canEnter(account, parent)) {
    ensureOwnedDirectory(wanted, mode, null, account);
    if (canEnter(account, wanted)) return realpathSync(wanted);
  }
  return useFallbackHome(firstShared(account), wanted, mode);
}

/**
 * A unix socket and no TCP port: about 1.7 times as fast for single statements, guarded by file
 * permissions on top of the password, and no port that another program could hold.
 */
function chooseSocketDirectory(home: string, account: ServerAccount | null): string {
  const name = `amc-pg-${pathHash(home)}`;
  const parent = [tmpdir(), "/tmp"].find(
    (path) =>
      Buffer.byteLength(join(path, name, `.s.PGSQL.${SOCKET_PORT}`)) <= LONGEST_SOCKET_PATH &&
      canEnter(account, path),
  );
  if (parent === undefined) throw unreachable(tmpdir());
  return join(realpathSync(parent), name);
}

/** To be called when no earlier server is left, whose guardian would remove the directory. */
export function makeSocketDirectory({ socketDirectory, account }: Placement): void {
  ensureOwnedDirectory(socketDirectory, 0o700, account);
}

function placeBinaries(binaries: PostgresBinaries, account: ServerAccount | null): string {
  const { packageDirectory, binDirectory } = binaries;
  if (packageDirectory === null) {
    if (canRun(account, binDirectory, null)) return binDirectory;
    throw unusable(binDirectory);
  }
  const complete = hydrateSymlinks(packageDirectory);
  if (complete && canRun(account, binDirectory, firstDataFile(packageDirectory))) {
    return binDirectory;
  }
  const copy = copyPackage(packageDirectory, account);
  const copiedBin = join(copy, "native", "bin");
  if (canRun(account, copiedBin, firstDataFile(copy))) return copiedBin;
  throw unusable(copiedBin);
}

/** The first file that initdb reads: programs may be executable while their data is not readable. */
function firstDataFile(packageDirectory: string): string {
  return join(packageDirectory, "native", "share", "postgresql", "postgres.bki");
}

/** Copies the package to where every user may read it, once; a copy appears whole or not at all. */
function copyPackage(packageDirectory: string, account: ServerAccount | null): string {
  const stamp = statSync(join(packageDirectory, "package.json")).mtimeMs;
  const name = `amc-postgres-bin-${pathHash(`${packageDirectory}\n${stamp}`)}`;
  const target = join(firstShared(account), name);
  if (!existsSync(target)) {
    const partial = `${target}.${process.pid}`;
    rmSync(partial, { recursive: true, force: true });
    ensureOwnedDirectory(partial, 0o700, null);
    cpSync(packageDirectory, partial, { recursive: true, verbatimSymlinks: true });
    hydrateSymlinks(partial);
    openToReaders(partial);
    moveUnlessPresent(partial, target);
  }
  ensureOwnedDirectory(target, 0o755, null);
  return target;
}

function moveUnlessPresent(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    const code = errorCode(error);
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
    rmSync(from, { recursive: true, force: true });
  }
}

/** chmod -R a+rX,go-w: packages unpacked under umask 077 are readable by their owner only. */
function openToReaders(directory: string): void {
  chmodSync(directory, 0o755);
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) openToReaders(path);
    else if (entry.isFile()) chmodSync(path, (statSync(path).mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}

function firstShared(account: ServerAccount | null): string {
  const first = sharedDirectories(account)[0];
  if (first === undefined) throw unreachable("/var/tmp");
  return first;
}

function unreachable(path: string): PostgresError {
  return new PostgresError(
    "postgres.unreachable-directory",
    "the user that PostgreSQL runs as can enter neither the data directory nor a temporary one",
    { path },
  );
}

function unusable(path: string): PostgresError {
  return new PostgresError(
    "postgres.unusable-binaries",
    `PostgreSQL in ${path} does not run for the user it has to run as`,
    { path },
  );
}
