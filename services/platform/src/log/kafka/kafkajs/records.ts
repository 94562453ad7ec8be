import type { Message, RecordMetadata, TopicMessages } from "kafkajs";
import { LogError } from "../../errors.ts";
import type { Outgoing } from "../outgoing.ts";
import { varintBytes, writeVarint } from "../record-body.ts";
import { RecordDecoder } from "../record-decoder.ts";
import { placeId } from "../unit.ts";

/** Attributes and the differences to time and offset of the batch: a byte each, all 0. */
const FIXED_BYTES = 3;

/** The records of one send, by topic, in the order of each partition. */
export function topicMessages(records: readonly Outgoing[]): TopicMessages[] {
  const byTopic = new Map<string, Message[]>();
  for (const record of records) {
    const messages = byTopic.get(record.topic);
    if (messages === undefined) byTopic.set(record.topic, [messageOf(record)]);
    else messages.push(messageOf(record));
  }
  return [...byTopic].map(([topic, messages]) => ({ topic, messages }));
}

/** Key, value and headers out of their encoded form, which the client makes again. */
function messageOf({ partition, body }: Outgoing): Message {
  const length = FIXED_BYTES + body.length;
  const from = varintBytes(length);
  const record = Buffer.alloc(from + length);
  writeVarint(record, 0, length);
  record.set(body, from + FIXED_BYTES);
  const decoder = new RecordDecoder(record, 0);
  decoder.advance();
  return { partition, key: decoder.key, value: decoder.value, headers: { ...decoder.headers } };
}

/**
 * Offset of each record of a send, by the first one of each partition. Throws `log.outcome-unknown` where the
 * client names none: it leaves a partition out whose leader moved to a broker that had already answered.
 */
export function offsetsOf(
  records: readonly Outgoing[],
  answers: readonly RecordMetadata[],
): number[] {
  const next = new Map<string, number>();
  for (const { topicName: topic, partition, baseOffset } of answers) {
    if (baseOffset !== undefined) next.set(placeId({ topic, partition }), Number(baseOffset));
  }
  return records.map(({ topic, partition }) => {
    const id = placeId({ topic, partition });
    const offset = next.get(id);
    if (offset === undefined) throw notAnswered(topic, partition);
    next.set(id, offset + 1);
    return offset;
  });
}

function notAnswered(topic: string, partition: number): LogError {
  return new LogError(
    "log.outcome-unknown",
    `kafkajs does not say what became of the records for ${topic}/${partition}`,
    { topic, partition, away: "brokers" },
  );
}
