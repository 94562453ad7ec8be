import { seededRandom } from "@amc/replay/seeded-random";
import { describe, expect, it } from "vitest";
import { type Change, Disk, type Fate } from "./disk.ts";
import { chosenFates } from "./fates.ts";

function pendingWrites(count: number): readonly Change[] {
  const disk = Disk.holding(new Map([["file", new Uint8Array(1)]]));
  const node = disk.at("file");
  if (node === undefined) throw new Error("there is no file");
  for (let offset = 0; offset < count; offset++) {
    disk.apply({ kind: "write", node, offset, bytes: new Uint8Array(1) });
  }
  return disk.pending;
}

const word = (fate: Fate) => (fate === "kept" || fate === "lost" ? fate : "torn");

describe("what a power loss does to unsynced changes", () => {
  it("is one state when everything is synced", () => {
    expect(chosenFates([], seededRandom(1), 10)).toEqual([[]]);
  });

  it("begins with everything kept and everything lost, and has a fate for every change", () => {
    const all = chosenFates(pendingWrites(3), seededRandom(1), 50);
    expect(all.slice(0, 2)).toEqual([
      ["kept", "kept", "kept"],
      ["lost", "lost", "lost"],
    ]);
    expect(all).toHaveLength(50);
    expect(all.every((fates) => fates.length === 3)).toBe(true);
  });

  it("finds each kind of reordering: one lost, one alone, one torn", () => {
    const all = chosenFates(pendingWrites(3), seededRandom(1), 200).map((fates) =>
      fates.map(word).join(" "),
    );
    for (const expected of [
      "kept lost kept",
      "lost kept lost",
      "kept torn kept",
      "kept torn lost",
    ]) {
      expect(all).toContain(expected);
    }
  });

  it("is the same for the same seed", () => {
    const words = (seed: number) =>
      chosenFates(pendingWrites(9), seededRandom(seed), 30).map((fates) => fates.map(word).join());
    expect(words(5)).toEqual(words(5));
    expect(words(5)).not.toEqual(words(6));
  });
});
