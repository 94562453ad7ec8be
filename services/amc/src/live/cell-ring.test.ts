import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CellRing } from "./cell-ring.ts";

const CELLS = 16;

describe("the newest cells of time", () => {
  it("are taken as a set of all would have them, and older ones always", () => {
    const cells = fc.array(fc.integer({ min: -40, max: 80 }), { maxLength: 60 });
    fc.assert(
      fc.property(cells, fc.integer({ min: -40, max: 80 }), (added, asked) => {
        const ring = new CellRing(CELLS);
        const all = new Set<number>();
        for (const cell of added) {
          ring.add(cell);
          all.add(cell);
        }
        const newest = Math.max(Number.NEGATIVE_INFINITY, ...added);
        expect(ring.has(asked)).toBe(asked <= newest - CELLS || all.has(asked));
      }),
    );
  });
});
