import { Kafka, logLevel, Partitioners } from "kafkajs";

export interface BareProducer {
  readonly send: (id: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** The idempotent producer of kafkajs with nothing around it, whose sends may overlap: the control. */
export async function bareKafkajs(
  brokers: readonly string[],
  topic: string,
  requestTimeoutMs: number,
): Promise<BareProducer> {
  const client = new Kafka({
    brokers: [...brokers],
    requestTimeout: requestTimeoutMs,
    logLevel: logLevel.NOTHING,
  });
  const producer = client.producer({
    idempotent: true,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  return {
    send: async (id) => {
      await producer.send({ topic, acks: -1, messages: [{ key: "GME", value: id }] });
    },
    close: () => producer.disconnect(),
  };
}
