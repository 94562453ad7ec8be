import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  isAtLeast,
  parseUniverse,
  type Universe,
  universeText,
  WHOLE_UNIVERSE,
} from "./universe.ts";
import { stepAfter, type TradedSymbol, universeAfter } from "./universe-steps.ts";

const LIMIT_MS = 30_000;
const QUARTER_MS = 900_000;

/** Newest first. */
const runs = (...executionMs: readonly number[]) =>
  executionMs.map((ms, index) => ({ happenedAt: -index * QUARTER_MS, executionMs: ms }));

describe("the step that runs ask for", () => {
  it.each([
    ["none before there is a run", runs(), null],
    ["none after one slow run", runs(30_001), null],
    ["a reduction after two slow runs in a row", runs(30_001, 90_000, 1), "reduce"],
    ["none when the run between them was in time", runs(30_001, 30_000, 30_001), null],
    ["none after runs that would be slow with twice the work", runs(15_001, 1, 1, 1), null],
    ["none after three quick runs", runs(15_000, 1, 1, 30_001), null],
    ["a step back after four quick runs in a row", runs(15_000, 1, 1, 15_000), "restore"],
  ])("is %s", (_, newestFirst, step) => {
    expect(stepAfter(newestFirst, LIMIT_MS)).toBe(step);
  });
});

/** 1 to n million dollars a day. */
const market = (size: number): TradedSymbol[] =>
  Array.from({ length: size }, (_, index) => ({ symbol: `S${index}`, usd: (index + 1) * 1e6 }));

const facts = {
  inForce: WHOLE_UNIVERSE,
  ordered: WHOLE_UNIVERSE,
  symbols: market(40),
  keep: [],
  leastSymbols: 10,
};

describe("the universe after a step", () => {
  it("is half of the symbols, those that trade most, and at last as few as a run may list", () => {
    const first = universeAfter("reduce", facts);
    expect(first).toEqual({ universe: { floorUsd: 21e6, keep: [] }, above: 20, known: 40 });
    const inForce = first?.universe ?? WHOLE_UNIVERSE;
    const second = universeAfter("reduce", { ...facts, inForce });
    expect(second).toMatchObject({ universe: { floorUsd: 31e6 }, above: 10 });
    const last = second?.universe ?? WHOLE_UNIVERSE;
    expect(universeAfter("reduce", { ...facts, inForce: last })).toBeNull();
    expect(universeAfter("reduce", { ...facts, leastSymbols: 40 })).toBeNull();
  });

  it("is twice as many on the way back, until every symbol is evaluated", () => {
    const back = (floorUsd: number) =>
      universeAfter("restore", { ...facts, inForce: { floorUsd, keep: ["S1"] } });
    expect(back(31e6)).toMatchObject({ universe: { floorUsd: 21e6 }, above: 20 });
    expect(back(21e6)).toEqual({ universe: WHOLE_UNIVERSE, above: 40, known: 40 });
    expect(universeAfter("restore", facts)).toBeNull();
  });

  it("keeps what has to stay below the floor, each once, the most important first", () => {
    const keep = ["S39", "S3", "UNKNOWN", "S1", "S3"];
    expect(universeAfter("reduce", { ...facts, keep })?.universe.keep).toEqual(["S3", "S1"]);
    const many = market(400);
    const all = many.map(({ symbol }) => symbol);
    const change = universeAfter("reduce", { ...facts, symbols: many, keep: all });
    expect(change?.universe.keep).toEqual(all.slice(0, 180));
  });

  it("never evaluates more than operators have ordered, and keeps what they keep", () => {
    const ordered: Universe = { floorUsd: 11e6, keep: ["S0"] };
    const further = universeAfter("reduce", { ...facts, ordered, inForce: ordered });
    expect(further?.universe).toEqual({ floorUsd: 26e6, keep: ["S0"] });
    const inForce = further?.universe ?? WHOLE_UNIVERSE;
    expect(universeAfter("restore", { ...facts, ordered, inForce })?.universe).toEqual(ordered);
    expect(universeAfter("restore", { ...facts, ordered, inForce: ordered })).toBeNull();
  });

  it("stays where symbols trade alike, so that no floor lies between them", () => {
    const alike = market(40).map(({ symbol }) => ({ symbol, usd: 5e6 }));
    const inForce = { floorUsd: 5e6, keep: [] };
    expect(universeAfter("reduce", { ...facts, symbols: alike, inForce })).toBeNull();
  });

  it("leaves out more with every reduction, ends, and comes back to the whole, in any market", () => {
    const usd = fc.option(fc.double({ min: 0, max: 1e12, noNaN: true }), { nil: null });
    const anyMarket = fc
      .array(usd, { minLength: 1, maxLength: 60 })
      .map((all) => all.map((one, index) => ({ symbol: `S${index}`, usd: one })));
    fc.assert(
      fc.property(anyMarket, fc.integer({ min: 1, max: 20 }), (symbols, leastSymbols) => {
        let inForce = WHOLE_UNIVERSE;
        const evaluated = ({ floorUsd }: Universe) =>
          symbols.filter((one) => isAtLeast(one.usd, floorUsd)).length;
        for (const step of ["reduce", "restore"] as const) {
          for (;;) {
            const change = universeAfter(step, { ...facts, symbols, leastSymbols, inForce });
            if (change === null) break;
            const { universe } = change;
            const [fewer, more] = step === "reduce" ? [universe, inForce] : [inForce, universe];
            expect(fewer.floorUsd).toBeGreaterThan(more.floorUsd);
            expect(evaluated(fewer)).toBeLessThanOrEqual(evaluated(more));
            expect(change.above).toBe(evaluated(universe));
            expect(parseUniverse(universeText(universe))).toEqual(universe);
            inForce = universe;
          }
        }
        expect(inForce).toEqual(WHOLE_UNIVERSE);
      }),
    );
  });
});
