import { describe, expect, it } from "vitest";
import { sharesOf } from "./profiler.ts";

const frame = (id: number, functionName: string, url: string) => ({
  id,
  callFrame: { functionName, url },
});

describe("where the time went", () => {
  it("is told by part of the tree, largest first, without the time nothing ran", () => {
    const profile = {
      nodes: [
        frame(1, "(idle)", ""),
        frame(2, "(garbage collector)", ""),
        frame(3, "step", "file:///x/streams/features/features-stage.ts"),
        frame(4, "writeFeatures", "file:///x/schemas/src/generated/codecs.ts"),
        frame(5, "toString", "node:buffer"),
        frame(6, "post", "node:inspector"),
      ],
      samples: [6, 1, 3, 3, 2, 4, 5],
      timeDeltas: [300, 500, 40, 20, 20, 15, 5],
    };
    expect(sharesOf(profile)).toEqual([
      ["features", 0.6],
      ["garbage collector", 0.2],
      ["encode and decode", 0.15],
      ["engine and libraries", 0.05],
    ]);
  });

  it("is nothing for a profile without samples", () => {
    expect(sharesOf({ nodes: [] })).toEqual([]);
  });
});
