import { randomUUID } from "node:crypto";
import {
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findBinaries, type PostgresBinaries } from "./binaries.ts";
import { placeServer } from "./placement.ts";
import { canEnter, canRun, chooseServerAccount } from "./server-account.ts";

const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;

let root: string;
const removeLater: string[] = [];

beforeEach(() => {
  root = join(tmpdir(), `amc-placement-${randomUUID().slice(0, 8)}`);
  mkdirSync(root, { mode: 0o755 });
  removeLater.push(root);
});

afterEach(() => {
  for (const path of removeLater.splice(0)) rmSync(path, { recursive: true, force: true });
});

/** The real package as npm unpacks it when install scripts are off: without its links. */
function unpackedPackage(directory: string): PostgresBinaries {
  const { packageDirectory, ...found } = findBinaries("embedded");
  if (packageDirectory === null) throw new Error("the embedded binaries are no package");
  cpSync(packageDirectory, directory, {
    recursive: true,
    filter: (source) => !lstatSync(source).isSymbolicLink(),
  });
  return { ...found, packageDirectory: directory, binDirectory: join(directory, "native", "bin") };
}

describe("binaries without their links", () => {
  it("do not run, and run where they are once a server has been placed", () => {
    const binaries = unpackedPackage(join(root, "package"));
    expect(canRun(null, binaries.binDirectory, null)).toBe(false);
    const placement = placeServer(join(root, "postgres"), binaries);
    expect(placement.binDirectory).toBe(binaries.binDirectory);
    expect(canRun(placement.account, placement.binDirectory, null)).toBe(true);
  });
});

describe.skipIf(!isRoot)("as root, whose server runs as another user (needs root)", () => {
  it("binaries below a 0700 directory are copied once to where that user can read them", () => {
    const closed = join(root, "closed");
    mkdirSync(closed, { mode: 0o700 });
    const binaries = unpackedPackage(join(closed, "package"));
    const first = placeServer(join(root, "postgres"), binaries);
    const copy = dirname(dirname(first.binDirectory));
    removeLater.push(copy);
    expect(first.binDirectory).not.toBe(binaries.binDirectory);
    expect(canRun(first.account, first.binDirectory, null)).toBe(true);
    // The server's user may run what it will run again, but not change it.
    expect(lstatSync(first.binDirectory)).toMatchObject({ uid: 0 });
    const madeAt = lstatSync(copy).birthtimeMs;
    expect(placeServer(join(root, "postgres"), binaries).binDirectory).toBe(first.binDirectory);
    expect(lstatSync(copy).birthtimeMs).toBe(madeAt);
  });

  it("data that another user made before is served as that user", () => {
    const data = join(root, "data");
    mkdirSync(data);
    chownSync(data, NOBODY, NOBODY);
    expect(chooseServerAccount(data)).toEqual({ uid: NOBODY, gid: NOBODY });
  });

  it("a directory that someone planted under the name of the fallback is refused", () => {
    const closed = join(root, "closed");
    mkdirSync(closed, { mode: 0o700 });
    const binaries = findBinaries();
    const wanted = join(closed, "postgres");
    const { home } = placeServer(wanted, binaries);
    removeLater.push(home);
    const refused = expect.objectContaining({ code: "postgres.unsafe-directory" });

    rmSync(home, { recursive: true });
    mkdirSync(home, { mode: 0o755 });
    chownSync(home, NOBODY, NOBODY);
    expect(() => placeServer(wanted, binaries)).toThrowError(refused);

    rmSync(home, { recursive: true });
    symlinkSync(root, home);
    expect(() => placeServer(wanted, binaries)).toThrowError(refused);
    rmSync(home);
  });

  it("a fallback goes when the data directory it stands for has been deleted, not before", () => {
    const closed = join(root, "closed");
    const other = join(root, "other");
    mkdirSync(closed, { mode: 0o700 });
    mkdirSync(other, { mode: 0o700 });
    const binaries = findBinaries();
    const first = placeServer(join(closed, "postgres"), binaries).home;
    const second = placeServer(join(other, "postgres"), binaries).home;
    removeLater.push(first, second);
    expect(existsSync(first)).toBe(true);
    rmSync(closed, { recursive: true });
    placeServer(join(other, "postgres"), binaries);
    expect([first, second].map((home) => existsSync(home))).toEqual([false, true]);
  });

  // Found by deleting the data directory of a start as root and starting again: the tables of the
  // log that was gone lay ahead of the new one, and every projection ended.
  it("a fallback begins anew when its data directory was deleted and made again, and only then", () => {
    const closed = join(root, "closed");
    const binaries = findBinaries();
    const placed = () => {
      mkdirSync(closed, { mode: 0o700, recursive: true });
      return placeServer(join(closed, "postgres"), binaries).home;
    };
    const home = placed();
    removeLater.push(home);
    writeFileSync(join(home, "tables"), "of this log");
    expect(placed()).toBe(home);
    expect(existsSync(join(home, "tables"))).toBe(true);
    rmSync(closed, { recursive: true });
    expect(placed()).toBe(home);
    expect(existsSync(join(home, "tables"))).toBe(false);
  });

  it("knows what that user can enter by asking as that user", () => {
    const closed = join(root, "closed");
    mkdirSync(join(closed, "inner"), { recursive: true });
    const account = { uid: NOBODY, gid: NOBODY };
    expect(canEnter(account, join(closed, "inner"))).toBe(true);
    rmSync(closed, { recursive: true });
    mkdirSync(closed, { mode: 0o700 });
    mkdirSync(join(closed, "inner"));
    expect(canEnter(account, join(closed, "inner"))).toBe(false);
  });
});
