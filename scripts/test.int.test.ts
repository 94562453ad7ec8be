import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";

const REPOSITORY = join(import.meta.dirname, "..");
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A checkout that holds only these test files; keys are file names, values their bodies. */
function checkoutWith(tests: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "amc-test-run-"));
  folders.push(root);
  mkdirSync(join(root, "streams"));
  symlinkSync(join(REPOSITORY, "node_modules"), join(root, "node_modules"));
  copyFileSync(join(REPOSITORY, "vitest.config.ts"), join(root, "vitest.config.ts"));
  for (const [name, body] of Object.entries(tests)) {
    const text = `import { beforeAll, describe, expect, it } from "vitest";\n${body}\n`;
    writeFileSync(join(root, "streams", name), text);
  }
  return root;
}

function runTests(root: string, environment: Readonly<Record<string, string>> = {}, flags = "") {
  const args = [join(REPOSITORY, "scripts", "test.ts"), "--root", root, ...flags.split(" ")];
  const run = spawnSync(process.execPath, args.filter(Boolean), {
    encoding: "utf8",
    env: { PATH: process.env.PATH, AMC_DATA: root, NO_COLOR: "1", ...environment },
  });
  const lines = run.stdout.trimEnd().split("\n");
  return { status: run.status, stdout: run.stdout, lines, last: lines.at(-1) };
}

const PASSES = `it("adds", () => { expect(1 + 1).toBe(2); });`;
const NEEDS_DATA = `it.skipIf(true)("reads a tape (needs AMC_DATA)", () => {});`;

describe("npm test", () => {
  it("ends with the counts alone on the last line and exits 0 when nothing fails", () => {
    const run = runTests(checkoutWith({ "a.test.ts": PASSES, "b.int.test.ts": PASSES }));
    expect(run).toMatchObject({ status: 0, last: "2 passed, 0 failed" });
  });

  it("counts a failing test, names it once more at the end and exits 1", () => {
    const failing = `it("adds", () => { expect(1 + 1).toBe(3); });`;
    const run = runTests(checkoutWith({ "a.test.ts": PASSES, "b.test.ts": failing }));
    expect(run).toMatchObject({ status: 1, last: "1 passed, 1 failed" });
    expect(run.lines.at(-2)).toMatch(/^failed: streams\/b\.test\.ts > adds: expected 2 to be 3/);
  });

  it("counts a file that does not load as a failure, not as a file without tests", () => {
    const broken = `import "./absent.ts";\n${PASSES}`;
    const run = runTests(checkoutWith({ "a.test.ts": PASSES, "b.test.ts": broken }));
    expect(run).toMatchObject({ status: 1, last: "1 passed, 1 failed" });
  });

  it("fails when the set-up of a suite throws", () => {
    const broken = `describe("s", () => { beforeAll(() => { throw new Error("no"); }); ${PASSES} });`;
    const run = runTests(checkoutWith({ "a.test.ts": broken }));
    expect(run.status).toBe(1);
    expect(run.last).toMatch(/^0 passed, 1 failed/);
  });

  it("counts a rejection that no test awaits", () => {
    const stray = `it("starts", () => { void Promise.reject(new Error("lost")); });`;
    const run = runTests(checkoutWith({ "a.test.ts": stray }));
    expect(run).toMatchObject({ status: 1, last: "1 passed, 1 failed" });
  });

  it("names the reason of a skip and still exits 0", () => {
    const run = runTests(checkoutWith({ "a.test.ts": `${PASSES}\n${NEEDS_DATA}` }));
    expect(run.stdout).toContain("skipped, needs AMC_DATA: 1\n  streams/a.test.ts > reads a tape");
    expect(run).toMatchObject({ status: 0, last: "1 passed, 0 failed, 1 skipped" });
  });

  it("refuses the same skip where nothing may be missing", () => {
    const root = checkoutWith({ "a.test.ts": `${PASSES}\n${NEEDS_DATA}` });
    const run = runTests(root, { AMC_REQUIRE_STACK: "1" });
    expect(run.stdout).toContain("must not be skipped here: streams/a.test.ts > reads a tape");
    expect(run.status).toBe(1);
  });

  it("refuses to start where nothing may be missing and the recordings are", () => {
    const root = checkoutWith({ "a.test.ts": PASSES });
    const run = runTests(root, { AMC_REQUIRE_STACK: "1", AMC_DATA: join(root, "absent") });
    expect(run.status).toBe(1);
    expect(run.stdout).toContain("set AMC_DATA");
  });

  it("runs only the pure tests with --unit", () => {
    const root = checkoutWith({ "a.test.ts": PASSES, "b.int.test.ts": PASSES });
    expect(runTests(root, {}, "--unit").last).toBe("1 passed, 0 failed");
  });

  it("fails when a filter matches no test", () => {
    const run = runTests(checkoutWith({ "a.test.ts": PASSES }), {}, "no-such-file");
    expect(run).toMatchObject({ status: 1, last: "0 passed, 0 failed" });
  });
});
