import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";

const SCRIPT = join(import.meta.dirname, "ensure-installed.mjs");
const CARRIER = `node-${process.platform}-${process.arch}`;

const LOCKED = {
  "": { name: "amc" },
  "node_modules/pg": { version: "8.23.1" },
  "node_modules/for-another-platform": { version: "1.0.0", optional: true },
  "node_modules/@amc/streams": { link: true, resolved: "streams" },
  streams: { version: "0.1.0" },
};

const checkouts: string[] = [];

afterEach(() => {
  for (const root of checkouts.splice(0)) rmSync(root, { recursive: true });
});

/** What npm does as far as the script can see it, told in the file `calls`. */
const FAKE_NPM = `#!/usr/bin/env node
const fs = require("node:fs");
fs.appendFileSync("calls", process.argv.slice(2).join(" ") + "\\n");
console.log("npm talks on stdout");
if (fs.existsSync("npm-fails")) process.exit(7);
fs.rmSync("node_modules", { recursive: true, force: true });
fs.mkdirSync("node_modules/.bin", { recursive: true });
for (const name of ["pg", "@amc/streams"]) {
  fs.mkdirSync("node_modules/" + name, { recursive: true });
  fs.writeFileSync("node_modules/" + name + "/package.json", "{}");
}
fs.mkdirSync("node_modules/${CARRIER}/bin", { recursive: true });
fs.symlinkSync(process.execPath, "node_modules/${CARRIER}/bin/node");
if (!fs.existsSync("npm-links-no-bin")) {
  fs.symlinkSync("../${CARRIER}/bin/node", "node_modules/.bin/node");
}
const { packages } = JSON.parse(fs.readFileSync("package-lock.json", "utf8"));
delete packages["node_modules/for-another-platform"];
fs.writeFileSync("node_modules/.package-lock.json", JSON.stringify({ packages }));
`;

function freshCheckout(): string {
  const root = mkdtempSync(join(tmpdir(), "amc-install-"));
  checkouts.push(root);
  mkdirSync(join(root, "scripts"));
  mkdirSync(join(root, "bin"));
  copyFileSync(SCRIPT, join(root, "scripts", "ensure-installed.mjs"));
  writeFileSync(join(root, "package.json"), "{}");
  writeFileSync(join(root, "package-lock.json"), JSON.stringify({ packages: LOCKED }));
  writeFileSync(join(root, "bin", "npm"), FAKE_NPM);
  chmodSync(join(root, "bin", "npm"), 0o755);
  symlinkSync(process.execPath, join(root, "bin", "node"));
  return root;
}

const environmentOf = (root: string) => ({ PATH: `${join(root, "bin")}:/usr/bin:/bin` });
const argumentsOf = (root: string) => [join(root, "scripts", "ensure-installed.mjs")];

function ensureInstalled(root: string) {
  return spawnSync(process.execPath, argumentsOf(root), {
    cwd: root,
    encoding: "utf8",
    env: environmentOf(root),
  });
}

const installsIn = (root: string) =>
  existsSync(join(root, "calls"))
    ? readFileSync(join(root, "calls"), "utf8").trimEnd().split("\n")
    : [];

describe("the step before every command", () => {
  it("installs a fresh checkout without scripts and leaves stdout to the command", () => {
    const root = freshCheckout();
    const run = ensureInstalled(root);
    expect(run).toMatchObject({ status: 0, stdout: "" });
    expect(run.stderr).toContain("npm talks on stdout");
    expect(installsIn(root)).toHaveLength(1);
    expect(installsIn(root)[0]).toContain("ci --ignore-scripts");
  });

  it("does nothing and says nothing when everything is installed", () => {
    const root = freshCheckout();
    ensureInstalled(root);
    expect(ensureInstalled(root)).toMatchObject({ status: 0, stdout: "", stderr: "" });
    expect(installsIn(root)).toHaveLength(1);
  });

  it.each([
    ["npm was interrupted before it wrote its record", "node_modules/.package-lock.json"],
    ["a package was removed by hand", "node_modules/pg"],
    ["a workspace was added", "node_modules/@amc/streams"],
  ])("installs again when %s", (_, path) => {
    const root = freshCheckout();
    ensureInstalled(root);
    rmSync(join(root, path), { recursive: true });
    expect(ensureInstalled(root).status).toBe(0);
    expect(installsIn(root)).toHaveLength(2);
  });

  it("installs again when npm's record is torn", () => {
    const root = freshCheckout();
    ensureInstalled(root);
    writeFileSync(join(root, "node_modules/.package-lock.json"), '{ "pack');
    expect(ensureInstalled(root).status).toBe(0);
    expect(installsIn(root)).toHaveLength(2);
  });

  it("installs again when the lock file names another version", () => {
    const root = freshCheckout();
    ensureInstalled(root);
    const packages = { ...LOCKED, "node_modules/pg": { version: "8.24.0" } };
    writeFileSync(join(root, "package-lock.json"), JSON.stringify({ packages }));
    expect(ensureInstalled(root).status).toBe(0);
    expect(installsIn(root)).toHaveLength(2);
  });

  it("installs once when eight commands start at the same time", async () => {
    const root = freshCheckout();
    const statuses = await Promise.all(
      Array.from({ length: 8 }, () => {
        const child = spawn(process.execPath, argumentsOf(root), {
          cwd: root,
          stdio: "ignore",
          env: environmentOf(root),
        });
        return new Promise((resolve) => child.once("exit", resolve));
      }),
    );
    expect(statuses).toEqual(Array.from({ length: 8 }, () => 0));
    expect(installsIn(root)).toHaveLength(1);
    expect(readdirSync(root).filter((name) => name.startsWith(".installing"))).toEqual([]);
  });

  it("takes over from an install whose process died", () => {
    const root = freshCheckout();
    const dead = spawnSync(process.execPath, ["--eval", "0"]).pid;
    writeFileSync(join(root, ".installing"), String(dead));
    expect(ensureInstalled(root).status).toBe(0);
    expect(installsIn(root)).toHaveLength(1);
    expect(existsSync(join(root, ".installing"))).toBe(false);
  });

  it("fails with npm's own status and says what to do without a network", () => {
    const root = freshCheckout();
    writeFileSync(join(root, "npm-fails"), "");
    const run = ensureInstalled(root);
    expect(run).toMatchObject({ status: 7, stdout: "" });
    expect(run.stderr).toContain("--offline");
    expect(existsSync(join(root, ".installing"))).toBe(false);
  });

  it("links the locked Node itself when npm leaves it unlinked, as npm 10 does", () => {
    const root = freshCheckout();
    writeFileSync(join(root, "npm-links-no-bin"), "");
    expect(ensureInstalled(root).status).toBe(0);
    const version = spawnSync(join(root, "node_modules/.bin/node"), ["--version"]);
    expect(version.stdout.toString().trim()).toBe(process.version);
  });
});
