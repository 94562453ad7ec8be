// Runs under whatever Node the machine has (20 or later), so plain JavaScript and no dependency.
// Installs the locked dependencies when node_modules is missing or older than the lock file.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const installedLock = join(root, "node_modules", ".package-lock.json");

/** The pinned version of every package that the lock names and the platform needs. */
function isInstalled() {
  if (!existsSync(installedLock)) return false;
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  const present = JSON.parse(readFileSync(installedLock, "utf8")).packages;
  return Object.entries(wanted).every(
    ([path, entry]) =>
      path === "" ||
      entry.link === true ||
      entry.optional === true ||
      !path.startsWith("node_modules/") ||
      present[path]?.version === entry.version,
  );
}

if (!isInstalled()) {
  process.stderr.write("amc: installing locked dependencies with npm ci (once, about half a minute)\n");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  // stdout of a command belongs to its own output, so everything npm says goes to stderr.
  const result = spawnSync(npm, ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });
  if (result.status !== 0) {
    process.stderr.write("amc: npm ci failed; run it by hand in this folder to see why\n");
    process.exit(result.status ?? 1);
  }
}
