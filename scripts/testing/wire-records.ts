import { execFile } from "node:child_process";
import { promisify } from "node:util";
import fc from "fast-check";
import { encodeEvent } from "../../schemas/src/codec.ts";
import { type EventHeaders, eventHeaders } from "../../schemas/src/headers.ts";
import { arbitraryEvent } from "../../schemas/src/testing/arbitrary-event.ts";
import { type EventOf, TOPICS, type TopicName } from "../../schemas/src/topics.ts";
import type { WireIds } from "../../services/platform/src/registry/wire-ids.ts";

/** Records as other teams find them on a topic, for the tests of docs/consume.md. */

/** Key, headers and the value in hex. */
export type WireRecord = readonly [key: string | null, headers: EventHeaders, value: string];

/** Takes records on its standard input. */
const PRODUCE = `
import json, sys
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic
brokers, topic, records = sys.argv[1], sys.argv[2], json.load(sys.stdin)
client = {**json.loads(sys.argv[3]), "bootstrap.servers": brokers}
admin = AdminClient(client)
for made in admin.create_topics([NewTopic(topic, 1, 1)]).values():
    made.result()
producer = Producer({**client, "enable.idempotence": True})
for key, headers, value in records:
    producer.produce(topic, key=key, headers=headers, value=bytes.fromhex(value))
assert producer.flush(60) == 0
`;

/** `ce_id` of the at-th event of a test. */
export const idOf = (at: number) => `00000000-0000-8000-8000-${String(at + 1).padStart(12, "0")}`;
const timeOf = (at: number) => Date.UTC(2021, 0, 13, 15, at);

/** The at-th event of a test as a record of ours, with the id that the registry gave its schema. */
export function recordOf<T extends TopicName>(
  ids: WireIds,
  topic: T,
  event: EventOf<T>,
  at: number,
): WireRecord {
  const value = Buffer.from(encodeEvent(topic, event));
  ids.toWire(value);
  const identity = { id: idOf(at), source: "/amc/test", topic, happenedAt: timeOf(at) };
  const key = TOPICS[topic].key === "none" ? null : `SYM${at}`;
  return [key, eventHeaders(identity), value.toString("hex")];
}

/** A record and what is to be read out of it; another event for every `at`. */
export function sampleOf(ids: WireIds, topic: TopicName, at: number) {
  const [event] = fc.sample(arbitraryEvent(topic), { numRuns: 1, seed: at });
  if (event === undefined) throw new Error(`no event of ${topic}`);
  const record = recordOf(ids, topic, event, at);
  const [key] = record;
  return { record, printed: { time: new Date(timeOf(at)).toISOString(), key: key ?? "", event } };
}

/** Another event with the same bytes but for the first ones, given in hex. */
export function spoiled(
  record: WireRecord | undefined,
  { at, start }: { readonly at: number; readonly start: string },
): WireRecord {
  if (record === undefined) throw new Error("no record to spoil");
  const [key, headers, value] = record;
  return [key, { ...headers, ce_id: idOf(at) }, start + value.slice(start.length)];
}

interface Writer {
  readonly python: string;
  readonly brokers: string;
  /** How to log in, where the brokers ask. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Makes a topic of one partition and writes records to it with librdkafka. */
export async function produce(
  { python, brokers, settings = {} }: Writer,
  topic: string,
  records: readonly (WireRecord | undefined)[],
): Promise<void> {
  const producing = promisify(execFile)(python, [
    ...["-c", PRODUCE, brokers, topic],
    JSON.stringify(settings),
  ]);
  producing.child.stdin?.end(JSON.stringify(records));
  await producing;
}
