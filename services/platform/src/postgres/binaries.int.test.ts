import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type BinaryFinders, findBinaries } from "./binaries.ts";

const nothing: BinaryFinders = { embedded: () => null, system: () => null };

describe("looking for PostgreSQL", () => {
  it("takes the version pinned by the lock file before the machine's own", () => {
    const found = findBinaries();
    expect(found).toMatchObject({ source: "embedded", majorVersion: 18 });
    expect(existsSync(join(found.binDirectory, "initdb"))).toBe(true);
  });

  it("takes the machine's own when the package is missing", () => {
    const system = {
      source: "system",
      binDirectory: "/opt/pg/bin",
      packageDirectory: null,
      majorVersion: 17,
    } as const;
    expect(findBinaries(undefined, { ...nothing, system: () => system })).toBe(system);
  });

  it("does not fall back when one source is demanded", () => {
    const found = findBinaries("embedded");
    expect(() => findBinaries("system", { ...nothing, embedded: () => found })).toThrowError(
      expect.objectContaining({ code: "postgres.not-found" }),
    );
  });

  it.each([
    [undefined, /npm ci --ignore-scripts.*DATABASE_URL/],
    ["embedded", /npm ci --ignore-scripts/],
    ["system", /apt-get install postgresql|brew install postgresql/],
  ] as const)("names in one line the command that adds it (%s)", (force, command) => {
    expect(() => findBinaries(force, nothing)).toThrowError(command);
    expect(() => findBinaries(force, nothing)).not.toThrowError(/\n/);
  });
});
