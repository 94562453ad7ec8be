import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { AvroNode } from "./avro-schema.ts";
import { bodyOf, decodeEvent, encodeEvent } from "./codec.ts";
import { currentSchemaId, releasesOf } from "./schema-ids.ts";
import { avscType, avscTypeOfSchema } from "./testing/avsc-type.ts";
import { isTopicName, TOPIC_NAMES, TOPICS, type TopicName } from "./topics.ts";

/** Bytes of every version that was ever released stay readable, whatever the schemas become. */

interface Golden {
  readonly topic: string;
  readonly schemaId: number;
  readonly events: readonly { readonly hex: string; readonly value: unknown }[];
}

const HISTORY = fileURLToPath(new URL("../avro/history/", import.meta.url));
const names = readdirSync(HISTORY).filter((name) => name.endsWith(".golden.json"));

function topicOf(golden: Golden): TopicName {
  if (!isTopicName(golden.topic)) throw new Error(`${golden.topic} is not a topic`);
  return golden.topic;
}

function frozenSchema(name: string): AvroNode {
  return JSON.parse(readFileSync(HISTORY + name.replace(".golden.json", ".avsc"), "utf8"));
}

describe.each(names)("%s", (name) => {
  const golden: Golden = JSON.parse(readFileSync(HISTORY + name, "utf8"));
  const topic = topicOf(golden);

  it("decodes to what avsc resolves the same bytes to", () => {
    const writer = avscTypeOfSchema(frozenSchema(name));
    const reader = avscType(topic);
    const resolver = reader.createResolver(writer);
    for (const { hex, value } of golden.events) {
      const bytes = Buffer.from(hex, "hex");
      const expected = reader.fromBuffer(Buffer.from(bodyOf(bytes)), resolver);
      expect(decodeEvent(topic, bytes)).toEqual({ ok: true, value: expected });
      if (golden.schemaId === currentSchemaId(topic)) expect(expected).toEqual(value);
    }
  });

  it("is encoded to the same bytes, as long as its version is the newest", () => {
    for (const { hex } of golden.events) {
      const bytes = Buffer.from(hex, "hex");
      const decoded = decodeEvent(topic, bytes);
      if (!decoded.ok) throw new Error(decoded.message);
      const again = encodeEvent(topic, decoded.value);
      const isNewest = golden.schemaId === currentSchemaId(topic);
      expect(Buffer.from(again).toString("hex") === hex).toBe(isNewest);
    }
  });
});

it("every released version has golden bytes", () => {
  const released = TOPIC_NAMES.flatMap((topic) =>
    releasesOf(topic).map(({ version }) => `${TOPICS[topic].schema}.v${version}.golden.json`),
  );
  expect(names.toSorted()).toEqual(released.toSorted());
});
