import { decodeEvent, encodeEvent, schemaIdOf } from "@amc/schemas/codec";
import { currentSchemaId } from "@amc/schemas/schema-ids";
import { arbitraryEvent } from "@amc/schemas/testing/arbitrary-event";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WireIds } from "./wire-ids.ts";

/** As a registry would give them, in no order; the committed ones are among them. */
const pairs = fc
  .tuple(
    fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 12 }),
    fc.uniqueArray(
      fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 2 ** 31 - 1 })),
      {
        minLength: 12,
        maxLength: 12,
      },
    ),
  )
  .map(([locals, registered]) =>
    locals.map((local, at) => ({ local, registry: registered[at] ?? 0 })),
  );

const envelope = (id: number) => Buffer.concat([Buffer.from([0]), uint32(id), Buffer.from("body")]);

function uint32(id: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(id);
  return bytes;
}

describe("schema ids on the wire", () => {
  it("are those of the registry outside and the committed ones inside, with the same body", () => {
    const topic = "market.price-tick.v1";
    const local = currentSchemaId(topic);
    const ids = new WireIds([{ local, registry: 70_001 }]);
    const [event] = fc.sample(arbitraryEvent(topic), { numRuns: 1, seed: 3 });
    if (event === undefined) throw new Error("no event");
    const bytes = encodeEvent(topic, event);
    const before = Buffer.from(bytes);
    ids.toWire(bytes);
    expect(schemaIdOf(bytes)).toBe(70_001);
    expect(Buffer.from(bytes).subarray(5)).toEqual(before.subarray(5));
    expect(decodeEvent(topic, bytes)).toMatchObject({ code: "envelope.unknown-schema" });
    ids.toLocal(bytes);
    expect(decodeEvent(topic, bytes)).toEqual({ ok: true, value: event });
  });

  it("of a stranger are never taken for a committed one, though the number is the same", () => {
    const topic = "market.price-tick.v1";
    const local = currentSchemaId(topic);
    const ids = new WireIds([{ local, registry: 70_001 }]);
    const bytes = envelope(local);
    expect(ids.isKnown(local)).toBe(false);
    ids.toLocal(bytes);
    expect(decodeEvent(topic, bytes)).toMatchObject({ code: "envelope.unknown-schema" });
  });

  it("come back as they went, whatever the bytes: a dead letter holds what was on the wire", () => {
    const id = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
    const bytes = fc.oneof(
      id.map(envelope),
      fc.uint8Array({ maxLength: 8 }).map((raw) => Buffer.from(raw)),
    );
    fc.assert(
      fc.property(pairs, bytes, (known, original) => {
        const ids = new WireIds(known);
        const there = Buffer.from(original);
        ids.toLocal(there);
        ids.toWire(there);
        expect(there).toEqual(original);
        ids.toWire(there);
        ids.toLocal(there);
        expect(there).toEqual(original);
      }),
    );
  });

  it("are a permutation: two different ids stay different", () => {
    fc.assert(
      fc.property(pairs, (known) => {
        const ids = new WireIds(known);
        const numbers = known.flatMap(({ local, registry }) => [local, registry]);
        const inside = [...new Set([...numbers, 0, 50, 2 ** 32 - 1])].map((id) => {
          const bytes = envelope(id);
          ids.toLocal(bytes);
          return schemaIdOf(bytes);
        });
        expect(new Set(inside).size).toBe(inside.length);
      }),
    );
  });

  it.each([
    [
      "a registered id",
      [
        { local: 1, registry: 9 },
        { local: 2, registry: 9 },
      ],
    ],
    [
      "a committed id",
      [
        { local: 1, registry: 8 },
        { local: 1, registry: 9 },
      ],
    ],
  ])("are refused when two releases share %s", (_, shared) => {
    expect(() => new WireIds(shared)).toThrow(
      expect.objectContaining({ code: "registry.inconsistent" }),
    );
  });
});
