import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Outgoing, toOutgoing } from "../outgoing.ts";
import { offsetsOf, topicMessages } from "./records.ts";

const text = fc.string({ unit: "grapheme" });
const record = fc.record({
  topic: fc.constantFrom("facts", "signals"),
  partition: fc.nat({ max: 2 }),
  key: fc.option(text),
  value: fc.option(fc.uint8Array({ maxLength: 300 })),
  headers: fc.dictionary(text, text),
});

function outgoing(topic: string, partition: number): Outgoing {
  return toOutgoing(topic, partition, { key: null, value: null, headers: {} });
}

describe("records for kafkajs", () => {
  it("are those that were encoded, by topic and in their order", () => {
    fc.assert(
      fc.property(fc.array(record), (records) => {
        const encoded = records.map((one) => toOutgoing(one.topic, one.partition, one));
        const told = topicMessages(encoded);
        for (const topic of ["facts", "signals"]) {
          const expected = records.filter((one) => one.topic === topic);
          const messages = told.find((one) => one.topic === topic)?.messages ?? [];
          expect(messages).toHaveLength(expected.length);
          expected.forEach(({ partition, key, value, headers }, index) => {
            const bytes = value === null ? null : Buffer.from(value);
            const message = { partition, key, value: bytes, headers: { ...headers } };
            expect(messages[index]).toEqual(message);
          });
        }
      }),
    );
  });

  it("have the offsets that follow the first one of their partition", () => {
    const records = [outgoing("facts", 0), outgoing("signals", 0), outgoing("facts", 1)];
    const answers = [
      { topicName: "facts", partition: 0, errorCode: 0, baseOffset: "7" },
      { topicName: "facts", partition: 1, errorCode: 0, baseOffset: "100" },
      { topicName: "signals", partition: 0, errorCode: 0, baseOffset: "0" },
    ];
    expect(offsetsOf([...records, outgoing("facts", 0)], answers)).toEqual([7, 0, 100, 8]);
  });

  it("have an unknown outcome where the client says nothing of a partition", () => {
    const answers = [{ topicName: "facts", partition: 0, errorCode: 0, baseOffset: "7" }];
    expect(() => offsetsOf([outgoing("facts", 1)], answers)).toThrow(
      expect.objectContaining({
        code: "log.outcome-unknown",
        facts: { topic: "facts", partition: 1, away: "brokers" },
      }),
    );
  });
});
