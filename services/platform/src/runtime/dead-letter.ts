import type { Append, LogRecord } from "../log/port.ts";

/** Name of the topic that takes what could not be read from `topic`. */
export function deadLetterTopic(topic: string): string {
  return `${topic}.dlq`;
}

/**
 * The raw record, untouched, with where it came from and why it was refused in its headers (the
 * shape of Kafka's KIP-1034), so that stock tools can look at it and a re-drive finds its origin.
 */
export function deadLetter(
  record: LogRecord,
  refusal: { readonly stage: string; readonly code: string; readonly reason: string },
): Append {
  return {
    topic: deadLetterTopic(record.topic),
    partition: record.partition,
    key: record.key,
    value: record.value,
    headers: {
      ...record.headers,
      "dlq-topic": record.topic,
      "dlq-partition": String(record.partition),
      "dlq-offset": String(record.offset),
      "dlq-stage": refusal.stage,
      "dlq-code": refusal.code,
      "dlq-reason": refusal.reason.slice(0, 1024),
    },
  };
}
