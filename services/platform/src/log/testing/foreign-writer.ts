import { CompressionTypes, Kafka, logLevel } from "kafkajs";
import type { TestTopics } from "./kafka-topics.ts";

interface ForeignMessage {
  readonly key?: string;
  readonly value: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Writes one batch to partition 0 as somebody does whom no limit of ours holds. */
export async function writeForeign(
  { connection, prefix }: TestTopics,
  topic: string,
  messages: readonly ForeignMessage[],
  compression: "none" | "gzip" = "none",
): Promise<void> {
  const client = new Kafka({ brokers: [...connection.brokers], logLevel: logLevel.NOTHING });
  const producer = client.producer();
  await producer.connect();
  try {
    await producer.send({
      topic: prefix + topic,
      compression: compression === "gzip" ? CompressionTypes.GZIP : CompressionTypes.None,
      messages: messages.map(({ headers = {}, ...message }) => ({
        ...{ ...message, partition: 0, headers: { ...headers } },
      })),
    });
  } finally {
    await producer.disconnect();
  }
}
