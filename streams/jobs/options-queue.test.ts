import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { optionsQueue } from "./options-queue.ts";

const candidate = (symbol: string, slot: number, score: number, listed = true) => ({
  ...{ symbol, slot, score, listed },
});
const recommendation = (symbol: string, happenedAt: number, score = 0.8) => ({
  ...{ symbol, happenedAt, score },
});

describe("the queue of options", () => {
  it("has candidates first, newest slot and best score first, then what was recommended", () => {
    const queue = optionsQueue({
      candidates: [
        candidate("OLD", 1, 0.99),
        candidate("LOW", 2, 0.7),
        candidate("TOP", 2, 0.9),
        candidate("OUT", 2, 0.95, false),
      ],
      recommendations: [
        recommendation("WAS", 1),
        recommendation("NEW", 5),
        recommendation("TOP", 4),
      ],
    });
    expect(queue).toEqual(["TOP", "LOW", "OLD", "NEW", "WAS"]);
  });

  it("has each symbol once and does not depend on the order in which it came", () => {
    const candidates = fc.array(
      fc.record({
        symbol: fc.constantFrom("A", "B", "C", "D"),
        slot: fc.nat({ max: 3 }),
        score: fc.constantFrom(0.5, 0.7),
        listed: fc.boolean(),
      }),
    );
    fc.assert(
      fc.property(candidates, (known) => {
        const queue = optionsQueue({ candidates: known, recommendations: [] });
        expect(new Set(queue).size).toBe(queue.length);
        expect(optionsQueue({ candidates: known.toReversed(), recommendations: [] })).toEqual(
          queue,
        );
      }),
    );
  });
});
