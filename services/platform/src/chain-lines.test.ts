import { describe, expect, it } from "vitest";
import { ChainLines } from "./chain-lines.ts";
import { deadLetter } from "./runtime/dead-letter.ts";

const ID = "3f0c1a2b-8d7e-8f60-9a1b-2c3d4e5f6071";

describe("log lines of dead letters", () => {
  it("are one per commit and code, with the first record's place, so that a flood stays readable", () => {
    const told: [object, string][] = [];
    const lines = new ChainLines({
      info: () => undefined,
      warn: (facts, message) => told.push([facts, message]),
    });
    const refused = (offset: number, code: string) =>
      deadLetter(
        {
          topic: "market.price-tick.v1",
          partition: 2,
          offset,
          key: "GME",
          value: null,
          headers: { ce_id: ID },
          appendedAtMs: 0,
        },
        { stage: "signals", code, reason: "x" },
      );
    const appends = [refused(7, "avro.truncated"), refused(9, "fact.price")];
    lines.written("signals", [
      ...appends,
      ...Array.from({ length: 500 }, () => refused(8, "avro.truncated")),
    ]);
    expect(told).toEqual([
      [
        expect.objectContaining({
          part: "signals",
          code: "avro.truncated",
          records: 501,
          first: "market.price-tick.v1/2/7",
          eventId: ID,
        }),
        "dead-lettered",
      ],
      [expect.objectContaining({ code: "fact.price", records: 1 }), "dead-lettered"],
    ]);
  });
});
