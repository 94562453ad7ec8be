import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { uuidOf } from "../kernel/ids.ts";
import type { AnyEvent } from "../kernel/stage.ts";
import { SeenFacts } from "./seen-facts.ts";

const AT = Date.UTC(2021, 0, 13);

function fact(number: number, late: boolean, checksum = number): AnyEvent {
  return {
    topic: "market.halt.v1",
    id: uuidOf(`fact/${number}`),
    key: "GME",
    late,
    checksum,
    value: {
      symbol: "GME",
      happenedAt: AT,
      publishedAt: AT,
      capturedAt: AT,
      source: "test",
      confidence: 1,
      stale: false,
      providerLatencyMs: null,
      simulated: true,
      status: "HALTED",
      reason: null,
    },
  };
}

/** What a restart leaves: a memory made from what was committed. */
function restarted(seen: SeenFacts, committed: Map<string, Uint8Array>): SeenFacts {
  for (const { key, value } of seen.takeChanges()) {
    if (value !== null) committed.set(key, value.slice());
  }
  const next = new SeenFacts("seen");
  for (const [key, value] of committed) next.restore(key, value);
  return next;
}

describe("memory of seen facts", () => {
  it("knows each of the last 448 facts again as a late copy, and tells a copy from a conflict", () => {
    const seen = new SeenFacts("seen");
    for (let number = 0; number < 1_000; number += 1) {
      expect(seen.memoryOf("GME").sight(fact(number, false), true)).toBe("new");
    }
    for (let number = 1_000 - 448; number < 1_000; number += 1) {
      expect(seen.memoryOf("GME").sight(fact(number, true), true)).toBe("repeated");
      expect(seen.memoryOf("GME").sight(fact(number, true, 7_777), true)).toBe("conflict");
    }
    expect(seen.memoryOf("KOSS").sight(fact(999, true), true)).toBe("new");
  });

  // Found in review: when every stored chunk was full, a restart went on in the wrong one and the
  // newest facts were forgotten, so that a copy of them counted twice.
  it("knows the same facts after a restart at any point", { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_100 }), (stop) => {
        const committed = new Map<string, Uint8Array>();
        let seen = new SeenFacts("seen");
        for (let number = 0; number < stop; number += 1)
          seen.memoryOf("GME").sight(fact(number, false), true);
        seen = restarted(seen, committed);
        expect(seen.memoryOf("GME").sight(fact(stop, false), true)).toBe("new");
        for (let number = Math.max(0, stop - 440); number <= stop; number += 1) {
          expect(seen.memoryOf("GME").sight(fact(number, true), true)).toBe("repeated");
        }
      }),
      { numRuns: 40, examples: [[64], [128], [192], [512], [576], [640], [1_024]] },
    );
  });
});
