import { describe, expect, it } from "vitest";
import {
  type Lock,
  packagesByLicence,
  SHIPPED_PACKAGES_MAX,
  shippingProblems,
} from "./shipped-packages.ts";

const locked = { version: "1.0.0", integrity: "sha512-x", license: "MIT" };
const project = { name: "amc", dependencies: { pg: "8.23.1" }, allowScripts: { builder: false } };

const problemsOf = (lock: Lock) => shippingProblems(lock, [project]);

describe("what we ship", () => {
  it("passes when it is permissive, locked and exact", () => {
    expect(
      problemsOf({
        "": { version: "0.1.0" },
        streams: { version: "0.1.0" },
        "node_modules/@amc/streams": { link: true, resolved: "streams" },
        "node_modules/pg": locked,
        "node_modules/ajv/node_modules/fast-uri": { ...locked, license: "(GPL-2.0 OR MIT)" },
      }),
    ).toEqual([]);
  });

  it("fails on a licence that is not permissive, and on none", () => {
    const lock = {
      "node_modules/a": { ...locked, license: "AGPL-3.0" },
      "node_modules/b": { version: "1.0.0", integrity: "sha512-x" },
      "node_modules/c": { ...locked, license: "MIT AND GPL-3.0" },
    };
    expect(problemsOf(lock)).toEqual([
      "licence AGPL-3.0 is not on the list of permissive ones: a@1.0.0",
      "licence none stated is not on the list of permissive ones: b@1.0.0",
      "licence MIT AND GPL-3.0 is not on the list of permissive ones: c@1.0.0",
    ]);
  });

  it("does not look at the licences of development tools", () => {
    const lock = { "node_modules/a": { ...locked, license: "MPL-2.0", dev: true } };
    expect(problemsOf(lock)).toEqual([]);
    expect(packagesByLicence(lock).size).toBe(0);
  });

  it("fails on a package without a hash, with an address or with an unreviewed install script", () => {
    const lock = {
      "node_modules/a": { version: "1.0.0", license: "MIT" },
      "node_modules/b": { ...locked, resolved: "git+ssh://example.org/b.git" },
      "node_modules/c": { ...locked, hasInstallScript: true },
      "node_modules/builder": { ...locked, hasInstallScript: true },
    };
    expect(problemsOf(lock).map((problem) => problem.split(":")[0])).toEqual(["a", "b", "c"]);
  });

  it("fails on a lock that lacks an optional package of another platform", () => {
    const tool = {
      ...locked,
      optionalDependencies: { "tool-linux": "1.0.0", "tool-mac": "1.0.0" },
    };
    const lock = { "node_modules/tool": tool, "node_modules/tool-linux": locked };
    expect(problemsOf(lock)).toEqual([
      "tool-mac@1.0.0: the lock does not name it, so npm ci fails",
    ]);
  });

  it("fails on a version range, a tag, a file and a repository", () => {
    for (const version of ["^1.0.0", "~1.0.0", "latest", "*", "file:../x", "github:a/b"]) {
      const manifest = { name: "amc", devDependencies: { tool: version } };
      expect(shippingProblems({}, [manifest])).toHaveLength(1);
    }
    const beta = { name: "amc", optionalDependencies: { tool: "18.4.0-beta.17" } };
    expect(shippingProblems({}, [beta])).toEqual([]);
  });

  it("fails when more packages are shipped than the ratchet allows", () => {
    const paths = Array.from({ length: SHIPPED_PACKAGES_MAX + 1 }, (_, i) => `node_modules/p${i}`);
    expect(problemsOf(Object.fromEntries(paths.map((path) => [path, locked])))).toHaveLength(1);
  });
});
