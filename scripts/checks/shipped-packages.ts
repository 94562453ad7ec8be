/** One entry of package-lock.json's `packages`, as far as it is read here. */
export interface LockEntry {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export type Lock = Readonly<Record<string, LockEntry>>;

export interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly allowScripts?: Readonly<Record<string, boolean>>;
}

/** Permissive licences: they ask for attribution at most, and nothing of the code that uses them. */
const PERMISSIVE: ReadonlySet<string> = new Set([
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "CC0-1.0",
  "ISC",
  "MIT",
  "PostgreSQL",
  "Unlicense",
]);

/**
 * Most packages that we ship, all platforms together. A ratchet: it falls with the count and rises
 * only with a package that is worth its supply-chain risk. Of the 146 of November 2026, fastify alone
 * brings 33, the migration tool 22, the Kafka client 21, 14 of them its native CRC32 per platform, and
 * the Redis client 6, undici, cockatiel and the XML parser
 * 1 each.
 */
export const SHIPPED_PACKAGES_MAX = 146;

const EXACT_VERSION = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;

const nameOf = (path: string) => path.slice(path.lastIndexOf("node_modules/") + 13);

const isExternal = ([path, entry]: readonly [string, LockEntry]) =>
  path.includes("node_modules/") && entry.link !== true;

/** Whether one of the alternatives of an SPDX expression such as `(MIT OR GPL-2.0)` is permissive. */
function isPermissive(license: string): boolean {
  const alternatives = license.replaceAll(/[()]/g, "").split(" OR ");
  return alternatives.some((name) => name.split(" AND ").every((part) => PERMISSIVE.has(part)));
}

/** Everything installed with our production dependencies, as `name@version` by licence. */
export function packagesByLicence(lock: Lock): Map<string, string[]> {
  const shipped = Object.entries(lock).filter((row) => isExternal(row) && row[1].dev !== true);
  const groups = Map.groupBy(shipped, ([, entry]) => entry.license ?? "none stated");
  const named = [...groups].map(([licence, rows]): [string, string[]] => [
    licence,
    rows.map(([path, { version }]) => `${nameOf(path)}@${version}`).sort(),
  ]);
  return new Map(named.sort((a, b) => b[1].length - a[1].length));
}

/**
 * Optional packages of other platforms that the lock should name and does not: npm leaves out what the
 * registry could not serve when the lock was written, and `npm ci` then refuses the lock everywhere.
 */
function absentOptionalPackages(lock: Lock): string[] {
  return Object.entries(lock).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(
        ([name]) => !(`node_modules/${name}` in lock || `${path}/node_modules/${name}` in lock),
      )
      .map(([name, version]) => `${name}@${version}: the lock does not name it, so npm ci fails`),
  );
}

function lockProblems(lock: Lock, reviewed: ReadonlySet<string>): string[] {
  const problems: string[] = [];
  for (const [path, entry] of Object.entries(lock).filter(isExternal)) {
    const name = nameOf(path);
    if (entry.integrity === undefined) problems.push(`${name}: the lock holds no integrity hash`);
    if (entry.resolved !== undefined) {
      problems.push(`${name}: the lock names the address it came from; .npmrc should leave it out`);
    }
    if (entry.hasInstallScript === true && !reviewed.has(name)) {
      problems.push(`${name}: has an install script that allowScripts neither allows nor denies`);
    }
  }
  return problems;
}

function versionProblems(manifest: Manifest): string[] {
  const { dependencies, devDependencies, optionalDependencies } = manifest;
  return Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
    .filter(([, version]) => !EXACT_VERSION.test(version))
    .map(
      ([name, version]) => `${manifest.name}: ${name} must be one exact version, was ${version}`,
    );
}

/** Why what we ship may not be shipped as it is; empty when it may. */
export function shippingProblems(lock: Lock, manifests: readonly Manifest[]): string[] {
  const reviewed = new Set(
    manifests.flatMap(({ allowScripts }) => Object.keys(allowScripts ?? {})),
  );
  const problems = [
    ...lockProblems(lock, reviewed),
    ...absentOptionalPackages(lock),
    ...manifests.flatMap(versionProblems),
  ];
  let shipped = 0;
  for (const [licence, packages] of packagesByLicence(lock)) {
    shipped += packages.length;
    if (isPermissive(licence)) continue;
    problems.push(
      `licence ${licence} is not on the list of permissive ones: ${packages.join(", ")}`,
    );
  }
  if (shipped > SHIPPED_PACKAGES_MAX) {
    problems.push(`${shipped} packages are shipped, at most ${SHIPPED_PACKAGES_MAX} may be`);
  }
  return problems;
}
