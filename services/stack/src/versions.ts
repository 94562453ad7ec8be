/**
 * The version of everything that the stack starts, natively or in containers, and of what the Java program
 * of docs/consume.md is run with. `docker-compose.yml`, that page and the lists of artefacts are held to it
 * by tests.
 */
export const VERSIONS = {
  /** 4.4.0 is on Maven Central in parts only. */
  kafka: "4.3.1",
  /** The last line that runs on Java 17. */
  registryJava17: "2.6.13.Final",
  registryJava21: "3.3.3",
  log4j: "2.25.4",
  avro: "1.12.1",
  /** Kafka's own; Avro alone would bring 2.20.0. */
  jackson: "2.21.2",
  postgres: "18.4",
  /** The last line under a BSD licence; Debian 12 has 7.0, and nothing here needs more. */
  redis: "7.2",
  kafkaUi: "v1.3.0",
  prometheus: "v3.5.0",
  grafana: "12.1.0",
  node: "24.21.0",
} as const;
