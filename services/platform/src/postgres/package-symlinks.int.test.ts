import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hydrateSymlinks } from "./package-symlinks.ts";

const NOBODY = 65_534;

let packageDirectory: string;

beforeEach(() => {
  packageDirectory = mkdtempSync(join(tmpdir(), "amc-links-"));
  mkdirSync(join(packageDirectory, "native", "lib"), { recursive: true });
  writeFileSync(join(packageDirectory, "native", "lib", "libpq.so.5.18"), "library");
  listLinks([
    { source: "native/lib/libpq.so.5.18", target: "native/lib/libpq.so.5" },
    { source: "native/lib/libpq.so.5.18", target: "native/lib/libpq.so" },
  ]);
});

afterEach(() => rmSync(packageDirectory, { recursive: true, force: true }));

function listLinks(links: unknown): void {
  writeFileSync(join(packageDirectory, "native", "pg-symlinks.json"), JSON.stringify(links));
}

describe("links that npm cannot pack", () => {
  it("are made relative to their own folder, so that a copy of the package works too", () => {
    expect(hydrateSymlinks(packageDirectory)).toBe(true);
    const link = join(packageDirectory, "native", "lib", "libpq.so.5");
    expect(readlinkSync(link)).toBe("libpq.so.5.18");
    expect(readlinkSync(join(packageDirectory, "native", "lib", "libpq.so"))).toBe("libpq.so.5.18");
  });

  it("are left alone when they are there", () => {
    hydrateSymlinks(packageDirectory);
    const link = join(packageDirectory, "native", "lib", "libpq.so.5");
    const before = lstatSync(link).ino;
    expect(hydrateSymlinks(packageDirectory)).toBe(true);
    expect(lstatSync(link).ino).toBe(before);
  });

  it("are reported missing when the package may not be written to", () => {
    const lib = join(packageDirectory, "native", "lib");
    const writable = asNobody(lib, () => hydrateSymlinks(packageDirectory));
    expect(writable).toBe(false);
  });

  it.each([
    ["a path outside the package", [{ source: "native/lib/x", target: "../../../etc/x" }]],
    ["an entry without target", [{ source: "native/lib/x" }]],
    ["something that is no list", { source: "a", target: "b" }],
  ])("are refused when the list has %s", (_what, links) => {
    listLinks(links);
    expect(() => hydrateSymlinks(packageDirectory)).toThrowError(
      expect.objectContaining({ code: "postgres.unusable-binaries" }),
    );
  });
});

/** Root may write anywhere, so it gives its rights up for the call. */
function asNobody<T>(directory: string, work: () => T): T {
  const isRoot = process.getuid?.() === 0;
  chmodSync(packageDirectory, 0o755);
  chmodSync(directory, 0o555);
  if (isRoot) process.seteuid?.(NOBODY);
  try {
    return work();
  } finally {
    if (isRoot) process.seteuid?.(0);
    chmodSync(directory, 0o755);
  }
}
