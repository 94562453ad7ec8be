import { describe, expect, it } from "vitest";
import { Disk, type DiskNode, type Fate } from "./disk.ts";

const text = (bytes: Uint8Array | "directory" | undefined) =>
  bytes instanceof Uint8Array ? Buffer.from(bytes).toString("latin1") : bytes;
const bytes = (content: string) => Buffer.from(content, "latin1");

/** A disk with one durable file. */
function withFile(content: string): { disk: Disk; file: DiskNode } {
  const disk = Disk.holding(new Map([["file", bytes(content)]]));
  const file = disk.at("file");
  if (file === undefined) throw new Error("there is no file");
  return { disk, file };
}

function fileAfter(disk: Disk, ...fates: Fate[]): string | undefined {
  return text(disk.image(fates).get("file"));
}

describe("a disk of which the power goes", () => {
  it("keeps what was synced and loses what fate says of the rest", () => {
    const { disk, file } = withFile("....");
    disk.apply({ kind: "write", node: file, offset: 0, bytes: bytes("A") });
    disk.apply({ kind: "sync", node: file });
    disk.apply({ kind: "write", node: file, offset: 1, bytes: bytes("B") });
    disk.apply({ kind: "write", node: file, offset: 2, bytes: bytes("C") });
    expect(fileAfter(disk, "lost", "lost")).toBe("A...");
    expect(fileAfter(disk, "lost", "kept")).toBe("A.C.");
    expect(fileAfter(disk, "kept", "kept")).toBe("ABC.");
    disk.apply({ kind: "sync", node: file });
    expect(fileAfter(disk)).toBe("ABC.");
  });

  it("never lets the older of two writes to a place win", () => {
    const { disk, file } = withFile(".");
    disk.apply({ kind: "write", node: file, offset: 0, bytes: bytes("1") });
    disk.apply({ kind: "write", node: file, offset: 0, bytes: bytes("2") });
    expect(fileAfter(disk, "kept", "kept")).toBe("2");
    expect(fileAfter(disk, "kept", "lost")).toBe("1");
  });

  it("fills with zeros what a kept write lies behind, and cuts what is truncated", () => {
    const { disk, file } = withFile("ab");
    disk.apply({ kind: "write", node: file, offset: 4, bytes: bytes("e") });
    disk.apply({ kind: "truncate", node: file, size: 1 });
    expect(fileAfter(disk, "kept", "lost")).toBe("ab\0\0e");
    expect(fileAfter(disk, "kept", "kept")).toBe("a");
    expect(fileAfter(disk, "lost", "lost")).toBe("ab");
  });

  it("tears a write at its sectors, and invents bytes only behind the old end", () => {
    const { disk, file } = withFile("old!");
    disk.apply({ kind: "write", node: file, offset: 2, bytes: bytes("NEWNEW") });
    const torn = (kept: number, beyond: "nothing" | "zeros" | "noise"): Fate => ({
      ...{ sectorBytes: 2, keeps: (sector) => sector === kept, beyond, noise: () => 0x3f },
    });
    expect(fileAfter(disk, torn(1, "nothing"))).toBe("olNE");
    expect(fileAfter(disk, torn(1, "noise"))).toBe("olNE????");
    expect(fileAfter(disk, torn(2, "noise"))).toBe("old!WN??");
    expect(fileAfter(disk, torn(3, "zeros"))).toBe("old!\0\0EW");
    expect(fileAfter(disk, torn(3, "nothing"))).toBe("old!\0\0EW");
  });

  it("keeps a synced file without its name as little as a name without a sync", () => {
    const disk = new Disk();
    const file = disk.newNode("file");
    disk.apply({ kind: "entries", changes: [disk.entry("file", file)] });
    disk.apply({ kind: "write", node: file, offset: 0, bytes: bytes("x") });
    disk.apply({ kind: "sync", node: file });
    expect(disk.pending).toHaveLength(1);
    expect(disk.image(["lost"]).size).toBe(0);
    const root = disk.at("");
    if (root !== undefined) disk.apply({ kind: "sync", node: root });
    expect(fileAfter(disk)).toBe("x");
  });

  it("renames at once or not at all, and lets a removed name come back", () => {
    const { disk, file } = withFile("x");
    disk.apply({
      kind: "entries",
      changes: [disk.entry("file", null), disk.entry("renamed", file)],
    });
    disk.apply({ kind: "entries", changes: [disk.entry("renamed", null)] });
    expect([...disk.image(["lost", "lost"]).keys()]).toEqual(["file"]);
    expect([...disk.image(["kept", "lost"]).keys()]).toEqual(["renamed"]);
    expect([...disk.image(["kept", "kept"]).keys()]).toEqual([]);
    expect(disk.at("file")).toBeUndefined();
  });
});
