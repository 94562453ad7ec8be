import { Kafka, logLevel, Partitioners } from "kafkajs";

export interface BareProducer {
  readonly send: (id: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** What kafkajs waits for: every replica in sync, idempotent, or nothing at all. */
type Acknowledgement = "all" | "none";

/** The producer of kafkajs with nothing around it, whose sends may overlap: the control. */
export async function bareKafkajs(
  brokers: readonly string[],
  topic: string,
  requestTimeoutMs: number,
  acknowledgement: Acknowledgement = "all",
): Promise<BareProducer> {
  const client = new Kafka({
    brokers: [...brokers],
    requestTimeout: requestTimeoutMs,
    logLevel: logLevel.NOTHING,
  });
  const producer = client.producer({
    idempotent: acknowledgement === "all",
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  const acks = acknowledgement === "all" ? -1 : 0;
  return {
    send: async (id) => {
      await producer.send({ topic, acks, messages: [{ key: id, value: id }] });
    },
    close: () => producer.disconnect(),
  };
}
