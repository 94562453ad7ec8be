import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bodyOf, type DecodeResult, decodeEvent, decodeExcerpt, encodeEvent } from "./codec.ts";
import { EXCERPTS, isExcerptTopic } from "./excerpts.ts";
import { MESSAGE_BYTES_MAX } from "./limits.ts";
import { arbitraryEncodable, arbitraryEvent } from "./testing/arbitrary-event.ts";
import { wireOf } from "./testing/wire-bytes.ts";
import { TOPIC_NAMES, type TopicName } from "./topics.ts";

/** The decoder of whole events is the oracle: it knows nothing of excerpts. */
function expected(topic: TopicName, bytes: Uint8Array): DecodeResult<unknown> {
  const whole = decodeEvent(topic, bytes);
  if (!whole.ok || !isExcerptTopic(topic)) return whole;
  const wanted: readonly string[] = EXCERPTS[topic];
  const fields = Object.entries(whole.value).filter(([name]) => wanted.includes(name));
  return { ok: true, value: Object.fromEntries(fields) };
}

describe.each(TOPIC_NAMES.filter(isExcerptTopic))("an excerpt of %s", (topic) => {
  const samples = fc
    .sample(arbitraryEvent(topic), { numRuns: 5, seed: 7 })
    .map((event) => encodeEvent(topic, event));

  it("holds its fields as the whole event has them, and no other", () => {
    fc.assert(
      fc.property(arbitraryEncodable(topic), (event) => {
        const bytes = encodeEvent(topic, event);
        expect(decodeExcerpt(topic, bytes)).toStrictEqual(expected(topic, bytes));
      }),
      { numRuns: 100 },
    );
  });

  it("is refused for the reason for which the event is, when bytes are missing or too many", () => {
    for (const bytes of samples) {
      for (let length = 0; length < bytes.length; length += 1) {
        const cut = bytes.subarray(0, length);
        const refused = decodeExcerpt(topic, cut);
        expect(refused.ok).toBe(false);
        expect(refused).toStrictEqual(decodeEvent(topic, cut));
      }
      const longer = new Uint8Array(bytes.length + 1);
      longer.set(bytes);
      expect(decodeExcerpt(topic, longer)).toStrictEqual(decodeEvent(topic, longer));
    }
  });

  it("is refused for the reason for which the event is, when any bytes were changed", () => {
    const refusals = new Set<string>();
    const place = fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) });
    fc.assert(
      fc.property(
        fc.constantFrom(...samples),
        fc.array(place, { minLength: 1, maxLength: 4 }),
        (bytes, places) => {
          const body = Buffer.from(bodyOf(bytes));
          for (const { at, byte } of places) body[at % body.length] = byte;
          const damaged = wireOf(topic, [...body]);
          const excerpt = decodeExcerpt(topic, damaged);
          expect(excerpt).toStrictEqual(expected(topic, damaged));
          if (!excerpt.ok) refusals.add(excerpt.code);
        },
      ),
      { numRuns: 3_000 },
    );
    // What the damage has to have met with, or the comparison says little.
    expect([...refusals]).toEqual(
      expect.arrayContaining(["avro.union", "avro.truncated", "avro.count", "avro.utf8"]),
    );
  });

  it("is refused when the message is too large to be one", () => {
    const large = new Uint8Array(MESSAGE_BYTES_MAX + 1);
    expect(decodeExcerpt(topic, large)).toMatchObject({ code: "envelope.too-large" });
  });
});

describe("a topic without an excerpt", () => {
  it.each(TOPIC_NAMES.filter((topic) => !isExcerptTopic(topic)))("%s is read whole", (topic) => {
    const [event] = fc.sample(arbitraryEvent(topic), { numRuns: 1, seed: 8 });
    if (event === undefined) throw new Error("a sample was asked for");
    const bytes = encodeEvent(topic, event);
    expect(decodeExcerpt(topic, bytes)).toStrictEqual({ ok: true, value: event });
  });
});
