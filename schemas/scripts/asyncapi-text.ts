import type { AvroNode } from "../src/avro-schema.ts";
import { CONTENT_TYPE } from "../src/headers.ts";
import { MESSAGE_BYTES_MAX } from "../src/limits.ts";
import { TOPIC_NAMES, TOPICS, type TopicName, type TopicSpec } from "../src/topics.ts";
import { newestRelease, type ReleaseRow, type SchemaFile } from "./schema-files.ts";

/**
 * The topics as an AsyncAPI 3 document, for those who read them: https://www.asyncapi.com/docs/reference/specification/v3.0.0.
 * Seen from this system, which sends; who consumes turns that around.
 */

const DAY_MS = 86_400_000;
const BINDING = { bindingVersion: "0.5.0" };

const INTRODUCTION =
  `Facts of US equity markets and what is computed from them. Every value is Avro in
Confluent wire format (magic byte 0, four bytes of schema id, body) with its schema under the subject
\`<topic>-value\`; every record carries CloudEvents 1.0 headers and may come more than once with the same
\`ce_id\`. A message is at most ${MESSAGE_BYTES_MAX / 1024} KiB. Subjects are BACKWARD_TRANSITIVE: whoever reads with the newest
schema reads everything; an incompatible change is another topic.`.replaceAll("\n", " ");

const KEYS: Readonly<Record<TopicSpec["key"], string | null>> = {
  symbol: "Equity symbol in its canonical form, UTF-8.",
  "trading-day": "Trading day in New York, such as 2021-01-13, UTF-8.",
  "run-id": "Id of the discovery run, UTF-8.",
  setting: "Name of the setting, UTF-8.",
  provider: "Name of the data provider, UTF-8.",
  "account-symbol": "Account, `/` and equity symbol, such as main/GME, UTF-8.",
  job: "Name of the job, UTF-8.",
  "alert-subject": "What the alert is about: a job, or a measured figure, UTF-8.",
  metric: "Name of the measured figure, UTF-8.",
  none: null,
};

const HEADERS = {
  type: "object",
  description: "CloudEvents 1.0 in Kafka's binary mode; text in UTF-8.",
  required: ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "content-type"],
  properties: {
    ce_specversion: { type: "string", const: "1.0" },
    ce_id: {
      type: "string",
      format: "uuid",
      description:
        "Identity of the event. The same inputs give the same id, so a record that comes again is known by it.",
    },
    ce_source: {
      type: "string",
      format: "uri-reference",
      description: "Producer, such as /amc/streams/features.",
    },
    ce_type: { type: "string", description: "Topic, whose name carries the major version." },
    ce_time: {
      type: "string",
      format: "date-time",
      description: "Event time, UTC with milliseconds. The record's own timestamp is append time.",
    },
    "content-type": { type: "string", const: CONTENT_TYPE },
    "amc-stage": { type: "string", description: "Stage that derived the event." },
    "amc-source": { type: "string", description: "Position that it was derived from." },
    "amc-run": { type: "string", description: "Discovery run that the event belongs to." },
    traceparent: {
      type: "string",
      description:
        "W3C trace context; a fact's trace id is its ce_id, and what follows from it stays in that trace.",
    },
  },
};

export function asyncapiText(
  files: readonly SchemaFile[],
  releases: readonly ReleaseRow[],
): string {
  const document = {
    asyncapi: "3.0.0",
    info: {
      title: "AMC events",
      // Grows with each released schema version, and with nothing else.
      version: `1.${releases.length}.0`,
      description: INTRODUCTION,
    },
    defaultContentType: CONTENT_TYPE,
    channels: byTopic((topic) => channelOf(topic)),
    operations: byTopic((topic) => ({
      action: "send",
      channel: { $ref: `#/channels/${topic}` },
      summary: `Written by the ${TOPICS[topic].writer}.`,
      messages: [{ $ref: `#/channels/${topic}/messages/event` }],
    })),
    components: {
      messages: byTopic((topic) => messageOf(topic, files, releases)),
      schemas: { headers: HEADERS },
    },
  };
  // One space: the schemas are most of it, and it has to stay below the size limit of the tree.
  return `${JSON.stringify(document, null, 1)}\n`;
}

function byTopic<Part>(partOf: (topic: TopicName) => Part): Record<string, Part> {
  return Object.fromEntries(TOPIC_NAMES.map((topic) => [topic, partOf(topic)]));
}

function channelOf(topic: TopicName): object {
  const spec: TopicSpec = TOPICS[topic];
  const { partitions, compacted, retentionDays, broadcast } = spec;
  return {
    address: topic,
    title: topic,
    description: broadcast
      ? "Every record is written to every partition: read one of them."
      : "Records of a key are in one partition (murmur2 of the key, as in the Java client), in order.",
    tags: [{ name: spec.kind }],
    messages: { event: { $ref: `#/components/messages/${topic}` } },
    bindings: {
      kafka: {
        topic,
        partitions,
        topicConfiguration: {
          "cleanup.policy": [compacted ? "compact" : "delete"],
          "retention.ms": retentionDays === null ? -1 : retentionDays * DAY_MS,
        },
        ...BINDING,
      },
    },
  };
}

function messageOf(
  topic: TopicName,
  files: readonly SchemaFile[],
  releases: readonly ReleaseRow[],
): object {
  const { schema: name, key } = TOPICS[topic];
  const schema: AvroNode | undefined = files.find((file) => file.fullName === name)?.schema;
  if (schema === undefined) throw new Error(`no .avsc file holds ${name}, the value of ${topic}`);
  const keyText = KEYS[key];
  return {
    name,
    title: name,
    summary: schema.doc,
    contentType: CONTENT_TYPE,
    headers: { $ref: "#/components/schemas/headers" },
    payload: { schemaFormat: "application/vnd.apache.avro+json;version=1.9.0", schema },
    "x-subject": `${topic}-value`,
    "x-subject-version": newestRelease(releases, topic)?.version,
    bindings: {
      kafka: {
        ...(keyText === null ? {} : { key: { type: "string", description: keyText } }),
        schemaIdLocation: "payload",
        schemaIdPayloadEncoding: "confluent",
        schemaLookupStrategy: "TopicNameStrategy",
        ...BINDING,
      },
    },
  };
}
