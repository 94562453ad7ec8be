import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toOutgoing } from "../outgoing.ts";
import { firstOffset, messageOf } from "./records.ts";

const text = fc.string({ unit: "grapheme" });
const record = fc.record({
  partition: fc.nat({ max: 2 }),
  key: fc.option(text),
  value: fc.option(fc.uint8Array({ maxLength: 300 })),
  headers: fc.dictionary(text, text),
});

const PLACE = { topic: "facts", partition: 1 };

describe("records for kafkajs", () => {
  it("are those that were encoded", () => {
    fc.assert(
      fc.property(record, (one) => {
        const { partition, key, value, headers } = one;
        const bytes = value === null ? null : Buffer.from(value);
        const message = { partition, key, value: bytes, headers: { ...headers } };
        expect(messageOf(toOutgoing("facts", partition, one))).toEqual(message);
      }),
    );
  });

  it("begin at the offset that the client says", () => {
    const answers = [{ topicName: "facts", partition: 1, errorCode: 0, baseOffset: "7" }];
    expect(firstOffset(PLACE, answers)).toBe(7);
  });

  it("have an unknown outcome where the client names no offset, another partition, or two answers", () => {
    const one = { topicName: "facts", partition: 1, errorCode: 0 };
    const answered = { ...one, baseOffset: "7" };
    for (const answers of [[], [one], [{ ...answered, partition: 0 }], [answered, answered]]) {
      expect(() => firstOffset(PLACE, answers)).toThrow(
        expect.objectContaining({
          code: "log.outcome-unknown",
          facts: { ...PLACE, away: "brokers" },
        }),
      );
    }
  });
});
