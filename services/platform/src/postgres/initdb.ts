import { execFile } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { PostgresError } from "./errors.ts";
import type { Placement } from "./placement.ts";
import { PROGRAM_ENVIRONMENT, runAs } from "./server-account.ts";

const run = promisify(execFile);

/** Superuser of the servers we make; nothing but start-up and migration of roles logs in as it. */
export const SUPERUSER = "postgres";

// Password for everybody, and only over the socket: the server listens nowhere else.
const HOST_BASED_AUTHENTICATION = "local all all scram-sha-256\n";

const UNFINISHED = ".unfinished";

/**
 * Makes the data directory when there is none. It appears whole or not at all: initdb works in a
 * directory beside it that is renamed at the end, so a kill in between leaves nothing half made.
 *
 * UTF8 and locale C make sort order and case rules the same on every machine and version.
 *
 * @throws PostgresError `postgres.initdb-failed` with initdb's own words; the reason of `signal`
 */
export async function ensureDataDirectory(
  placement: Placement,
  password: string,
  signal?: AbortSignal,
): Promise<void> {
  const { account, dataDirectory } = placement;
  if (existsSync(join(dataDirectory, "PG_VERSION"))) return;
  removeUnfinished(dirname(dataDirectory));
  const unfinished = `${dataDirectory}.${process.pid}${UNFINISHED}`;
  mkdirSync(unfinished, { mode: 0o700 });
  const passwordFile = join(unfinished, "..", `password.${process.pid}${UNFINISHED}`);
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (account !== null) {
    chownSync(unfinished, account.uid, account.gid);
    chownSync(passwordFile, account.uid, account.gid);
  }
  try {
    await runInitdb(placement, unfinished, passwordFile, signal);
  } catch (error) {
    // A Ctrl-C at a terminal reaches initdb as well: that it ends then is no failure.
    if (signal?.aborted === true) rmSync(unfinished, { recursive: true, force: true });
    signal?.throwIfAborted();
    const stderr = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
    throw new PostgresError(
      "postgres.initdb-failed",
      `initdb failed in ${dirname(dataDirectory)}: ${stderr}`,
      { path: dataDirectory },
      { cause: error },
    );
  } finally {
    rmSync(passwordFile, { force: true });
  }
  writeFileSync(join(unfinished, "pg_hba.conf"), HOST_BASED_AUTHENTICATION);
  chmodSync(unfinished, 0o700);
  renameSync(unfinished, dataDirectory);
}

async function runInitdb(
  placement: Placement,
  directory: string,
  passwordFile: string,
  signal?: AbortSignal,
): Promise<void> {
  const args = [
    `--pgdata=${directory}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--data-checksums",
    "--no-instructions",
  ];
  const running = run(join(placement.binDirectory, "initdb"), args, {
    ...runAs(placement.account),
    env: PROGRAM_ENVIRONMENT,
  });
  const end = (): void => void running.child.kill();
  signal?.addEventListener("abort", end, { once: true });
  try {
    await running;
  } finally {
    signal?.removeEventListener("abort", end);
  }
}

function removeUnfinished(home: string): void {
  for (const name of readdirSync(home)) {
    if (name.endsWith(UNFINISHED)) rmSync(join(home, name), { recursive: true, force: true });
  }
}
