import type { LogRecord } from "@amc/platform/log/port";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Chunk, halves } from "./batch.ts";

function chunk(partition: number, from: number, count: number): Chunk {
  const topic = "market.price-tick.v1";
  const records = Array.from(
    { length: count },
    (_, index): LogRecord => ({
      topic,
      partition,
      offset: from + index,
      key: null,
      value: null,
      headers: {},
      appendedAtMs: 0,
    }),
  );
  return { position: { topic, partition, epoch: 1, nextOffset: from }, records };
}

function offsets(chunks: readonly Chunk[]): string[] {
  return chunks.flatMap(({ records }) =>
    records.map(({ partition, offset }) => `${partition}/${offset}`),
  );
}

const chunks = fc
  .array(fc.record({ from: fc.nat(1_000), count: fc.integer({ min: 1, max: 30 }) }), {
    minLength: 1,
  })
  .map((sizes) => sizes.map(({ from, count }, partition) => chunk(partition, from, count)));

describe("halves of a batch that the database refused", () => {
  it("hold all records, in order, none twice, each half fewer than the whole", () => {
    fc.assert(
      fc.property(chunks, (whole) => {
        const split = halves(whole);
        const all = offsets(whole);
        if (all.length === 1) {
          expect(split).toBeNull();
          return;
        }
        const [first = [], second = []] = split ?? [];
        expect([...offsets(first), ...offsets(second)]).toEqual(all);
        expect(Math.abs(offsets(first).length - offsets(second).length)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("begin where their first record lies", () => {
    fc.assert(
      fc.property(chunks, (whole) => {
        for (const half of halves(whole) ?? []) {
          for (const { position, records } of half) {
            expect(position.nextOffset).toBe(records[0]?.offset);
          }
        }
      }),
    );
  });
});
