import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Lock,
  type Manifest,
  packagesByLicence,
  shippingProblems,
} from "./shipped-packages.ts";

/** Prints the licences of everything we ship; exits 1 naming what may not be shipped as it is. */

const root = join(import.meta.dirname, "../..");

function readLock(): Lock {
  return JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
}

function readManifest(path: string): Manifest {
  return JSON.parse(readFileSync(join(root, path), "utf8"));
}

const lock = readLock();
for (const [licence, packages] of packagesByLicence(lock)) {
  process.stdout.write(`${String(packages.length).padStart(4)}  ${licence.padEnd(14)}`);
  process.stdout.write(packages.length > 12 ? "\n" : ` ${packages.join(" ")}\n`);
}
const manifests = globSync(
  "{package.json,{schemas,streams}/package.json,services/*/package.json}",
  {
    cwd: root,
  },
).map(readManifest);
const problems = shippingProblems(lock, manifests);
for (const problem of problems) process.stderr.write(`${problem}\n`);
if (problems.length > 0) process.exitCode = 1;
