import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Headers } from "../port.ts";
import { BatchEncoder, decodeBatch } from "./batch-codec.ts";

interface Entry {
  readonly key: string | null;
  readonly value: Uint8Array | null;
  readonly headers: Headers;
}

const text = fc.oneof(fc.string({ unit: "binary", maxLength: 60 }), fc.constantFrom("GME", "SPY"));

const entry: fc.Arbitrary<Entry> = fc.record({
  key: fc.option(text),
  value: fc.option(fc.uint8Array({ maxLength: 300 })),
  headers: fc.oneof(
    fc.dictionary(text, text, { maxKeys: 5 }),
    fc.record({ ce_id: text, ce_time: fc.constantFrom("t1", "t2"), ce_type: fc.constant("bar") }),
  ),
});

function encoded(entries: readonly Entry[], encoder = new BatchEncoder()): Buffer {
  for (const { key, value, headers } of entries) encoder.add(key, value, headers);
  return encoder.take();
}

function decoded(body: Uint8Array, records: number) {
  return decodeBatch({ topic: "t", partition: 3, base: 70, records, appendedAtMs: 5 }, body);
}

function plain({ key, value, headers }: Entry) {
  return { key, value: value && [...value], headers: Object.entries(headers) };
}

describe("batch codec", () => {
  it("gives back any records, with their place in the log", () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 30 }), (entries) => {
        const records = decoded(encoded(entries), entries.length);
        expect(records.map(plain)).toEqual(entries.map(plain));
        expect(
          records.map(({ topic, partition, offset, appendedAtMs }) => [
            topic,
            partition,
            offset,
            appendedAtMs,
          ]),
        ).toEqual(entries.map((_, i) => ["t", 3, 70 + i, 5]));
      }),
    );
  });

  it("encodes a batch the same whatever the encoder held before", () => {
    fc.assert(
      fc.property(fc.array(entry), fc.array(entry), (before, entries) => {
        const used = new BatchEncoder();
        encoded(before, used);
        expect(encoded(entries, used)).toEqual(encoded(entries));
      }),
    );
  });

  it("writes what neighbours share only once", () => {
    const headers = { ce_source: "/recording/gme-2021", ce_type: "amc.market.PriceTick" };
    const one = { key: "GME", value: new Uint8Array(50), headers };
    const first = encoded([one]).length;
    // Key and each header shrink to a byte; then the value's length, the names and the value.
    expect(encoded([one, one]).length - first).toBe(1 + 1 + 1 + 2 + 50);
  });

  it("throws on bytes that do not add up instead of inventing records", () => {
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 8 }), fc.nat(), (entries, cut) => {
        const body = encoded(entries);
        const shorter = body.subarray(0, cut % body.length);
        expect(() => decoded(shorter, entries.length)).toThrow(RangeError);
        expect(() => decoded(body, entries.length - 1)).toThrow(RangeError);
        expect(() => decoded(body, entries.length + 1)).toThrow(RangeError);
      }),
    );
  });
});
