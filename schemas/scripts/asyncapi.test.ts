import { readFileSync } from "node:fs";
import specification from "@asyncapi/specs/schemas/3.0.0.json" with { type: "json" };
import { Ajv } from "ajv";
import avro from "avsc";
import { beforeAll, describe, expect, it } from "vitest";
import { eventHeaders } from "../src/headers.ts";
import { releasedSchema } from "../src/released-schema.ts";
import { releasesOf } from "../src/schema-ids.ts";
import { TOPIC_NAMES, TOPICS } from "../src/topics.ts";

/** What others read of us, held to the published JSON schema of AsyncAPI 3.0.0. */

interface Document {
  channels: Record<string, { bindings: { kafka: Record<string, unknown> } }>;
  operations: Record<string, { action?: string }>;
  components: {
    messages: Record<string, { payload: { schema: object } }>;
    schemas: { headers: { required: string[]; properties: Record<string, unknown> } };
  };
}

const PATH = new URL("../src/generated/asyncapi.json", import.meta.url);

const readDocument = (): Document => JSON.parse(readFileSync(PATH, "utf8"));

/** All `$ref` of a document, wherever they stand outside of the Avro schemas. */
function references(node: unknown): string[] {
  if (typeof node !== "object" || node === null) return [];
  if ("$ref" in node && typeof node.$ref === "string") return [node.$ref];
  return Object.entries(node).flatMap(([name, value]) =>
    name === "payload" ? [] : references(value),
  );
}

function resolve(document: unknown, pointer: string): unknown {
  return pointer
    .split("/")
    .slice(1)
    .reduce<unknown>(
      (node, name) =>
        typeof node === "object" && node !== null ? Reflect.get(node, name) : undefined,
      document,
    );
}

describe("the AsyncAPI document", () => {
  let problems: (document: unknown) => string[];
  beforeAll(() => {
    // It brings the meta-schema that it is written in, under the same name as ajv's own.
    const ajv = new Ajv({
      strict: false,
      validateFormats: false,
      meta: false,
      validateSchema: false,
    });
    const validate = ajv.compile(specification);
    problems = (document) =>
      validate(document)
        ? []
        : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  });

  it("is AsyncAPI 3.0.0 by its published schema", () => {
    expect(problems(readDocument())).toEqual([]);
  });

  it("control: an action that does not exist and a channel that is none are refused", () => {
    const [operation] = Object.values(readDocument().operations);
    if (operation === undefined) throw new Error("no operation");
    const wrong = readDocument();
    wrong.operations["market.news.v1"] = { ...operation, action: "shout" };
    expect(problems(wrong)).not.toEqual([]);
    expect(problems({ ...readDocument(), channels: [] })).not.toEqual([]);
    const unbound = readDocument();
    for (const channel of Object.values(unbound.channels))
      channel.bindings.kafka.partitions = "four";
    expect(problems(unbound)).not.toEqual([]);
  });

  it("refers to nothing that it does not hold", () => {
    const document = readDocument();
    const all = references(document);
    expect(all.length).toBeGreaterThan(TOPIC_NAMES.length);
    expect(all.filter((pointer) => resolve(document, pointer.slice(1)) === undefined)).toEqual([]);
  });

  it.each(TOPIC_NAMES)("says of %s what the topic table and the newest release say", (topic) => {
    const { channels, operations, components } = readDocument();
    const { partitions, compacted, retentionDays } = TOPICS[topic];
    expect(operations[topic]?.action).toBe("send");
    expect(channels[topic]?.bindings.kafka).toMatchObject({
      topic,
      partitions,
      topicConfiguration: {
        "cleanup.policy": [compacted ? "compact" : "delete"],
        "retention.ms": retentionDays === null ? -1 : retentionDays * 24 * 60 * 60 * 1000,
      },
    });
    const schema = components.messages[topic]?.payload.schema;
    const version = releasesOf(topic).at(-1)?.version ?? 0;
    const canonical = (text: string) => avro.Type.forSchema(JSON.parse(text)).schema();
    expect(canonical(JSON.stringify(schema))).toEqual(
      canonical(releasedSchema({ topic, version })),
    );
  });

  it("names the headers that every event has", () => {
    const { required, properties } = readDocument().components.schemas.headers;
    const topic = "market.news.v1";
    const headers = eventHeaders({ id: "x", source: "/amc/x", topic, happenedAt: 0 });
    // Records from before it was written have no trace context.
    const written = Object.keys(headers).filter((name) => name !== "traceparent");
    expect(required.toSorted()).toEqual(written.sort());
    expect(Object.keys(properties)).toEqual(expect.arrayContaining([...required, "traceparent"]));
  });
});
