import type { Message, RecordMetadata } from "kafkajs";
import { LogError } from "../../errors.ts";
import type { Outgoing } from "../outgoing.ts";
import { varintBytes, writeVarint } from "../record-body.ts";
import { RecordDecoder } from "../record-decoder.ts";

/** Attributes and the differences to time and offset of the batch: a byte each, all 0. */
const FIXED_BYTES = 3;

/** Key, value and headers out of their encoded form, which the client makes again. */
export function messageOf({ partition, body }: Outgoing): Message {
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
 * Offset of the first record of a send to one partition. Throws `log.outcome-unknown` when the client tells of
 * none or of several: after a leader moved it may have left the records out, or sent them twice.
 */
export function firstOffset(
  { topic, partition }: Pick<Outgoing, "topic" | "partition">,
  answers: readonly RecordMetadata[],
): number {
  const [answer, ...others] = answers;
  const isThatOne = answer?.topicName === topic && answer.partition === partition;
  if (isThatOne && answer.baseOffset !== undefined && others.length === 0) {
    return Number(answer.baseOffset);
  }
  throw new LogError(
    "log.outcome-unknown",
    `kafkajs does not say what became of the records for ${topic}/${partition}`,
    { topic, partition, away: "brokers" },
  );
}
