import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EncodeError } from "./avro-writer.ts";
import { encodeEvent } from "./codec.ts";
import { SCHEMAS } from "./generated/schemas.ts";
import { arbitraryEvent } from "./testing/arbitrary-event.ts";
import { TOPIC_NAMES, TOPICS } from "./topics.ts";

/** What R-ARC-02 asks of every fact: `happenedAt` is its as-of, `capturedAt` its ingested-at. */
const PROVENANCE: Readonly<Record<string, unknown>> = {
  source: "string",
  happenedAt: { type: "long", logicalType: "timestamp-millis" },
  publishedAt: { type: "long", logicalType: "timestamp-millis" },
  capturedAt: { type: "long", logicalType: "timestamp-millis" },
  stale: "boolean",
  confidence: "double",
  providerLatencyMs: ["null", "long"],
  simulated: "boolean",
};

const FACTS = TOPIC_NAMES.filter((topic) => TOPICS[topic].kind === "fact");

function refusal(encode: () => unknown): string {
  try {
    encode();
    return "encoded";
  } catch (error) {
    if (!(error instanceof EncodeError)) throw error;
    return `${error.code} ${error.field}`;
  }
}

describe("provenance (R-ARC-02)", () => {
  it("is asked of all ten kinds of fact", () => {
    expect(FACTS).toHaveLength(10);
  });

  it.each(FACTS)("has its fields and their types in the schema of %s", (topic) => {
    const fields = new Map<string, unknown>(
      SCHEMAS[TOPICS[topic].schema].fields.map(({ name, type }) => [name, type]),
    );
    for (const [name, type] of Object.entries(PROVENANCE)) {
      expect({ name, type: fields.get(name) }).toEqual({ name, type });
    }
  });

  it.each(FACTS)("is refused at the producer of %s when a field of it is missing", (topic) => {
    for (const event of fc.sample(arbitraryEvent(topic), { numRuns: 5, seed: 2 })) {
      for (const name of Object.keys(PROVENANCE)) {
        const rest = Object.entries(event).filter(([field]) => field !== name);
        // Through JSON, because the types forbid what is tried here.
        const lacking = JSON.parse(JSON.stringify(Object.fromEntries(rest)));
        expect(refusal(() => encodeEvent(topic, lacking))).toBe(`event.type ${name}`);
        const whole = JSON.parse(JSON.stringify(event));
        expect(refusal(() => encodeEvent(topic, whole))).toBe("encoded");
      }
    }
  });
});
