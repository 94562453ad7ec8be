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
    expect(CI).toMatch(new RegExp(`^step "test:${name}" .*npm --silent run test:${name}$`, "m"));
  });
});
