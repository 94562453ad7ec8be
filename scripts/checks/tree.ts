import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type TreeFile, treeProblems } from "./tree-rules.ts";

/** Reads every file that is or would be committed; exits 1 naming what does not belong in the tree. */

const root = join(import.meta.dirname, "../..");

function readFile(path: string): TreeFile {
  const content = readFileSync(join(root, path));
  return {
    path,
    bytes: content.length,
    text: content.includes(0) ? null : content.toString("utf8"),
  };
}

const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"];
const deleted = new Set(list(["ls-files", "-z", "--deleted"]));

function list(gitArguments: readonly string[]): string[] {
  const text = execFileSync("git", gitArguments, { cwd: root, encoding: "utf8" });
  return text.split("\0").filter((path) => path !== "");
}

const problems = treeProblems(
  list(args)
    .filter((path) => !deleted.has(path))
    .map(readFile),
);
for (const problem of problems) process.stderr.write(`${problem}\n`);
if (problems.length > 0) process.exitCode = 1;
