import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SUITES } from "./suites.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const TESTS = globSync("{schemas,streams,services}/**/*.test.ts", {
  cwd: ROOT,
  exclude: ["**/node_modules/**"],
});
const MANIFEST: { scripts: Record<string, string> } = JSON.parse(
  readFileSync(join(ROOT, "package.json"), "utf8"),
);
const CI = readFileSync(join(ROOT, ".ci/run"), "utf8");
const WORKFLOW = readFileSync(join(ROOT, ".github/workflows/ci.yml"), "utf8");
/** What the workflow runs, in its order. */
const WORKFLOW_RUNS = [...WORKFLOW.matchAll(/^ {6}- run: (.+)$/gm)].map(([, run = ""]) => run);

describe("the workflow of pushes and pull requests (R-OPS-04)", () => {
  it("runs on both, to main", () => {
    for (const event of ["push", "pull_request"]) {
      expect(WORKFLOW).toContain(`
  ${event}:
    branches: [main]
`);
    }
  });

  it("installs before anything else, audits, and runs scripts that exist", () => {
    const own = WORKFLOW_RUNS.filter((run) => run.startsWith("npm "));
    expect(own[0]).toMatch(/^npm ci --ignore-scripts /);
    expect(own).toContain("npm run check");
    expect(own.at(-1)).toBe("npm test");
    const scripts = own.flatMap((run) => /^npm run (\S+)$/.exec(run)?.[1] ?? []);
    for (const script of scripts) expect(MANIFEST.scripts).toHaveProperty([script]);
  });
});

describe("what runs the servers of tests in CI", () => {
  it("is the native stack, and an engine in a job of its own that names tests there are", () => {
    expect(CI).toMatch(/^export AMC_STACK_RUNNER=processes$/m);
    const [inContainers = "", natively = ""] = WORKFLOW.split("\n  tests:\n");
    expect(natively).toContain("AMC_STACK_RUNNER: processes");
    expect(inContainers).toContain("AMC_STACK_RUNNER: containers");
    const named = [...inContainers.matchAll(/ (\S+[.]test[.]ts)\b/g)].map(([, path]) => path);
    expect(named).not.toEqual([]);
    expect(TESTS).toEqual(expect.arrayContaining(named));
  });
});

describe.each(Object.entries(SUITES))("the suite %s", (name, paths) => {
  const isIn = (file: string) => paths.some((path) => file.startsWith(path));

  it("has tests under each of its paths", () => {
    for (const path of paths) expect(TESTS.filter((file) => file.startsWith(path))).not.toEqual([]);
  });

  it("is complete: no test in a folder or file of its name is elsewhere", () => {
    const subject = name.replace(/s$/, "");
    const ofName = new RegExp(`/${subject}s/|/[a-z-]*${subject}[a-z-]*\\.`);
    const outside = TESTS.filter((file) => ofName.test(file) && !isIn(file));
    expect(outside).toEqual([]);
  });

  it("has a script, which CI runs by its name", () => {
    expect(MANIFEST.scripts[`test:${name}`]).toBe(`node scripts/test.ts --suite ${name}`);
    expect(CI).toMatch(
      new RegExp(`^ {2}beside "test:${name}" npm --silent run test:${name}$`, "m"),
    );
    expect(WORKFLOW_RUNS).toContain(`npm run test:${name}`);
  });
});
