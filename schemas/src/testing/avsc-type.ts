import avro from "avsc";
import type { AvroNode } from "../avro-schema.ts";
import { SCHEMAS } from "../generated/schemas.ts";
import { type EventOf, TOPICS, type TopicName } from "../topics.ts";

/** avsc, an Avro implementation that is not ours, as the oracle of tests. */

export function avscTypeOfSchema(schema: AvroNode): avro.Type {
  return avro.Type.forSchema(JSON.parse(JSON.stringify(schema)), { omitRecordMethods: true });
}

const types = new Map<TopicName, avro.Type>();

/** avsc's type of the current value schema of a topic. */
export function avscType(topic: TopicName): avro.Type {
  const known = types.get(topic);
  if (known !== undefined) return known;
  const type = avscTypeOfSchema(SCHEMAS[TOPICS[topic].schema]);
  types.set(topic, type);
  return type;
}

/** Whether a value of unknown origin has the shape of a topic's events. */
export function isEventOf<T extends TopicName>(topic: T, value: unknown): value is EventOf<T> {
  return avscType(topic).isValid(value, { noUndeclaredFields: true });
}
