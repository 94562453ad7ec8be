import { createHash } from "node:crypto";
import { chmodSync, chownSync, lstatSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { errorCode, PostgresError } from "./errors.ts";
import { canEnter, type ServerAccount } from "./server-account.ts";

/**
 * Makes a directory that nobody else can have prepared for us, or checks that an existing one is
 * such: not a link, owned by us or by the server's user, writable by no one else. A shared temporary
 * directory lets any local user create the name first.
 *
 * @param owner takes ownership of a new directory; null leaves it to this process
 * @throws PostgresError `postgres.unsafe-directory`
 */
export function ensureOwnedDirectory(
  path: string,
  mode: number,
  owner: ServerAccount | null,
  trusted: ServerAccount | null = owner,
): void {
  try {
    mkdirSync(path, { mode });
    chmodSync(path, mode);
    if (owner !== null) chownSync(path, owner.uid, owner.gid);
    return;
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
  }
  const found = lstatSync(path);
  const uid = process.getuid?.();
  const ours = found.uid === uid || found.uid === trusted?.uid;
  if (found.isDirectory() && ours && (found.mode & 0o022) === 0) return;
  throw new PostgresError(
    "postgres.unsafe-directory",
    `${path} must be a directory of user ${uid ?? "this"} that no other user can write to; remove it or choose another data directory`,
    { path, owner: found.uid, mode: (found.mode & 0o7777).toString(8) },
  );
}

/**
 * Shared directories in which a name of ours may live when the wanted place cannot be reached by
 * the server's user: /var/tmp first, because it survives a reboot.
 */
export function sharedDirectories(account: ServerAccount | null): string[] {
  return [...new Set(["/var/tmp", tmpdir(), "/tmp"])].filter((path) => canEnter(account, path));
}

/** Twelve hexadecimal digits that stand for a path in a name that has to stay short. */
export function pathHash(path: string): string {
  return createHash("sha256").update(path).digest("hex").slice(0, 12);
}
