import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { ensureOwnedDirectory, pathHash } from "./owned-directory.ts";
import { readLivingOwner, readServerRecord } from "./ownership.ts";
import { isAlive } from "./process-identity.ts";

const PREFIX = "amc-postgres-home-";

/** File in a fallback home that names the place it stands for. */
const ORIGIN = "origin";

/**
 * A home in a shared directory, for a data directory that the server's user cannot reach. The same
 * data directory always finds the same one. Homes whose data directory has been deleted since go.
 *
 * @param wanted absolute path of the home that cannot be used
 * @throws PostgresError `postgres.unsafe-directory`
 */
export function useFallbackHome(shared: string, wanted: string, mode: number): string {
  for (const name of readdirSync(shared)) {
    if (name.startsWith(PREFIX)) removeAbandoned(join(shared, name));
  }
  const home = join(shared, `${PREFIX}${pathHash(wanted)}`);
  ensureOwnedDirectory(home, mode, null);
  writeFileSync(join(home, ORIGIN), wanted, { mode: 0o600 });
  return realpathSync(home);
}

function removeAbandoned(home: string): void {
  // Anyone may use the prefix in a shared directory; only what this user made is looked into.
  const found = lstatSync(home, { throwIfNoEntry: false });
  if (found?.isDirectory() !== true || found.uid !== process.getuid?.()) return;
  const origin = join(home, ORIGIN);
  if (!existsSync(origin) || existsSync(dirname(readFileSync(origin, "utf8")))) return;
  const guardian = readServerRecord(home)?.guardian;
  const inUse = readLivingOwner(home) !== null || (guardian !== undefined && isAlive(guardian));
  if (!inUse) rmSync(home, { recursive: true, force: true });
}
