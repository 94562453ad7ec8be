import type { KafkaLogOptions } from "../kafka.ts";

export interface KafkaWay extends Required<Pick<KafkaLogOptions, "delivery" | "transactionsBy">> {
  readonly name: string;
}

export const DEDUPLICATED: KafkaWay = {
  ...{ name: "deduplicated", delivery: "deduplicated", transactionsBy: "amc" },
};

/** The ways in which the log writes to Kafka, each of which has to hold what is promised of all. */
export const KAFKA_WAYS: readonly KafkaWay[] = [
  DEDUPLICATED,
  { name: "transactional", delivery: "transactional", transactionsBy: "amc" },
  { name: "transactional by kafkajs", delivery: "transactional", transactionsBy: "kafkajs" },
];
