import { describe, expect, it } from "vitest";
import { factId } from "./fact.ts";
import { uuidOf } from "./ids.ts";

const AT = 1_757_080_800_000;

describe("the identity of a fact", () => {
  it("is that of what is stated, as in every log that was ever written", () => {
    const real = { source: "yahoo", simulated: false };
    expect(factId(real, "GME", "bar/60000", AT)).toBe(uuidOf(`yahoo/GME/bar/60000/${AT}/0`));
    expect(factId(real, "GME", "news", AT, "item")).toBe(uuidOf(`yahoo/GME/news/${AT}/item`));
  });

  it("is another one for what a mock states in the same words", () => {
    const ids = [true, false].map((simulated) =>
      factId({ source: "yahoo", simulated }, "GME", "bar/60000", AT),
    );
    expect(new Set(ids).size).toBe(2);
  });
});
