import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addUuid,
  derivedId,
  formatUuid,
  isUuid,
  lanesToHex,
  lanesToUuid,
  murmur128,
  uuidOf,
} from "./ids.ts";

function hashOf(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const lanes = new Uint32Array(4);
  murmur128(bytes, bytes.length, lanes);
  return lanesToHex(lanes);
}

describe("ids", () => {
  it("hash as MurmurHash3 x86 128 does (published vectors, seed 0)", () => {
    expect(hashOf("")).toBe("00000000000000000000000000000000");
    expect(hashOf("The quick brown fox jumps over the lazy dog")).toBe(
      "2f1583c3ecee2c675d7bf66ce5e91d2c",
    );
  });

  it("are version 8 UUIDs of the RFC 9562 variant", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const id = uuidOf(text);
        expect(isUuid(id)).toBe(true);
        expect(id[14]).toBe("8");
        expect("89ab").toContain(id[19]);
      }),
    );
  });

  it("are recognised by their form, and nothing else is", () => {
    fc.assert(
      fc.property(
        fc.uuid(),
        fc.nat(35),
        fc.string({ minLength: 1, maxLength: 1 }),
        (uuid, at, other) => {
          expect(isUuid(uuid)).toBe(true);
          const changed = uuid.slice(0, at) + other + uuid.slice(at + 1);
          const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
          expect(isUuid(changed)).toBe(pattern.test(changed));
        },
      ),
    );
    for (const text of ["", "é".repeat(36), "0".repeat(36), "A".repeat(36)]) {
      expect(isUuid(text)).toBe(false);
    }
  });

  it("depend on stage, version, inputs and index, and on nothing else", () => {
    const id = derivedId("features", 1, ["a", "b"], 0);
    expect(derivedId("features", 1, ["a", "b"], 0)).toBe(id);
    const others = [
      derivedId("gates", 1, ["a", "b"], 0),
      derivedId("features", 2, ["a", "b"], 0),
      derivedId("features", 1, ["b", "a"], 0),
      derivedId("features", 1, ["a", "b"], 1),
    ];
    expect(new Set([id, ...others]).size).toBe(5);
  });

  it("add up to the same sum in any order, and can be taken out again", () => {
    const uuids = fc.array(fc.string().map(uuidOf), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(uuids, (ids) => {
        const forward = new Uint32Array(4);
        const backward = new Uint32Array(4);
        for (const id of ids) addUuid(forward, id);
        for (const id of [...ids].reverse()) addUuid(backward, id);
        expect(lanesToHex(forward)).toBe(lanesToHex(backward));
        for (const id of ids) addUuid(forward, id, -1);
        expect(lanesToHex(forward)).toBe("0".repeat(32));
      }),
    );
  });

  it("come back from their lanes unchanged", () => {
    fc.assert(
      fc.property(fc.uuid(), (uuid) => {
        const lanes = new Uint32Array(4);
        addUuid(lanes, uuid);
        expect(formatUuid(lanes)).toBe(uuid);
      }),
    );
  });

  it("collide in no pair of a hundred thousand neighbours", () => {
    const seen = new Set<string>();
    for (let index = 0; index < 100_000; index += 1)
      seen.add(derivedId("features", 1, ["GME"], index));
    expect(seen.size).toBe(100_000);
  });

  it("keep the lanes of a hash but for version and variant", () => {
    const lanes = Uint32Array.from([1, 2, 3, 4]);
    expect(lanesToUuid(lanes)).toBe("00000001-0000-8002-8000-000300000004");
  });
});
