import { LogError } from "@amc/platform/log/errors";
import { expect, it } from "vitest";
import { namingBrokers } from "./service-log.ts";

const BROKERS = ["10.0.0.1:9092", "10.0.0.2:9092"];

it("brokers that do not answer at a start are named, and the code stays", async () => {
  const away = new LogError("log.unavailable", "Kafka: Cannot connect to any broker.");
  await expect(namingBrokers(BROKERS, () => Promise.reject(away))).rejects.toMatchObject({
    code: "log.unavailable",
    message: expect.stringContaining("10.0.0.1:9092,10.0.0.2:9092"),
    cause: away,
  });
});

it("brokers that answer and refuse are not named: their own words say what is wrong", async () => {
  const refused = new LogError("log.unknown-topic", "Kafka has no ops.clock.v1");
  await expect(namingBrokers(BROKERS, () => Promise.reject(refused))).rejects.toBe(refused);
});
