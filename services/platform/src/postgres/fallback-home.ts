import { randomUUID } from "node:crypto";
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

/** File in a fallback home: the place it stands for, and on a second line the mark left there. */
const ORIGIN = "origin";

/** Behind the wanted path: the mark of the home that belongs to this data directory. */
const MARK_SUFFIX = ".elsewhere";

/**
 * A home in a shared directory, for a data directory that the server's user cannot reach. The same
 * data directory always finds the same one. Homes whose data directory has been deleted since go,
 * also when another one was made under its name: its tables are those of another log.
 *
 * @param wanted absolute path of the home that cannot be used
 * @throws PostgresError `postgres.unsafe-directory`
 */
export function useFallbackHome(shared: string, wanted: string, mode: number): string {
  for (const name of readdirSync(shared)) {
    if (name.startsWith(PREFIX)) removeAbandoned(join(shared, name));
  }
  const home = join(shared, `${PREFIX}${pathHash(wanted)}`);
  const markFile = `${wanted}${MARK_SUFFIX}`;
  const left = existsSync(markFile) ? readFileSync(markFile, "utf8") : null;
  const before = readOrigin(home);
  // Homes of older versions have no mark; they are taken over as they are.
  const isOfAnother = before !== null && before.mark !== null && before.mark !== left;
  if (isOfAnother) removeUnused(home);
  ensureOwnedDirectory(home, mode, null);
  const mark = left ?? randomUUID();
  writeFileSync(join(home, ORIGIN), `${wanted}\n${mark}`, { mode: 0o600 });
  writeFileSync(markFile, mark, { mode: 0o600 });
  return realpathSync(home);
}

function removeAbandoned(home: string): void {
  const origin = readOrigin(home);
  if (origin !== null && !existsSync(dirname(origin.wanted))) removeUnused(home);
}

/** null for what this user has not made: anyone may use the prefix in a shared directory. */
function readOrigin(
  home: string,
): { readonly wanted: string; readonly mark: string | null } | null {
  const found = lstatSync(home, { throwIfNoEntry: false });
  if (found?.isDirectory() !== true || found.uid !== process.getuid?.()) return null;
  const file = join(home, ORIGIN);
  if (!existsSync(file)) return null;
  const [wanted = "", mark = null] = readFileSync(file, "utf8").split("\n");
  return { wanted, mark };
}

function removeUnused(home: string): void {
  const guardian = readServerRecord(home)?.guardian;
  const inUse = readLivingOwner(home) !== null || (guardian !== undefined && isAlive(guardian));
  if (!inUse) rmSync(home, { recursive: true, force: true });
}
