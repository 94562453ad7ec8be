import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bodyOf, decodeEvent, encodeEvent, schemaIdOf } from "./codec.ts";
import { currentSchemaId } from "./schema-ids.ts";
import { arbitraryEncodable, arbitraryEvent } from "./testing/arbitrary-event.ts";
import { avscType } from "./testing/avsc-type.ts";
import { TOPIC_NAMES } from "./topics.ts";
import { validateFact } from "./validate.ts";

const RUNS = { numRuns: 60 };

/** avsc 5.7.9 loses the last unit of negative longs beyond 2^52 (mtth/avsc#455). */
const AVSC_LONG_MAX = 2 ** 52;

describe.each(TOPIC_NAMES)("%s", (topic) => {
  it("gives back every event that its schema allows", () => {
    fc.assert(
      fc.property(arbitraryEncodable(topic), (event) => {
        expect(decodeEvent(topic, encodeEvent(topic, event))).toStrictEqual({
          ok: true,
          value: event,
        });
      }),
      RUNS,
    );
  });

  it("writes the bytes that avsc writes, behind the envelope of its newest schema", () => {
    fc.assert(
      fc.property(arbitraryEncodable(topic, AVSC_LONG_MAX), (event) => {
        const bytes = encodeEvent(topic, event);
        expect(Buffer.from(bodyOf(bytes))).toEqual(avscType(topic).toBuffer(event));
        expect(bytes[0]).toBe(0);
        expect(schemaIdOf(bytes)).toBe(currentSchemaId(topic));
        expect(Buffer.from(bytes).readInt32BE(1)).toBe(currentSchemaId(topic));
      }),
      RUNS,
    );
  });

  it("passes plausible events through the edge and the codec unchanged", () => {
    fc.assert(
      fc.property(arbitraryEvent(topic), (event) => {
        expect(validateFact(topic, event)).toBeNull();
        const decoded = decodeEvent(topic, encodeEvent(topic, event));
        expect(decoded).toStrictEqual({ ok: true, value: event });
      }),
      RUNS,
    );
  });
});

describe("encoded events", () => {
  it("do not change when the next one is encoded", () => {
    const [first, second] = fc.sample(arbitraryEvent("market.price-tick.v1"), {
      numRuns: 2,
      seed: 1,
    });
    if (first === undefined || second === undefined) throw new Error("two samples were asked for");
    const bytes = encodeEvent("market.price-tick.v1", first);
    const copy = Uint8Array.from(bytes);
    encodeEvent("market.price-tick.v1", second);
    expect(Uint8Array.from(bytes)).toEqual(copy);
  });

  it("decode from a view into a larger buffer", () => {
    const [event] = fc.sample(arbitraryEvent("market.news.v1"), { numRuns: 1, seed: 2 });
    if (event === undefined) throw new Error("a sample was asked for");
    const bytes = encodeEvent("market.news.v1", event);
    const segment = new Uint8Array(bytes.length + 20).fill(0xff);
    segment.set(bytes, 7);
    const view = segment.subarray(7, 7 + bytes.length);
    expect(decodeEvent("market.news.v1", view)).toEqual({ ok: true, value: event });
  });
});
