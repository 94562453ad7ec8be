import { testPart } from "@amc/stack/testing/test-part";
import { afterEach, describe, expect, it, vi } from "vitest";
import { KAFKA_SCANS } from "./scan.ts";

const kafka = await testPart("kafka");

describe.skipIf(kafka.address === null)(`the momentum scan on Kafka${kafka.skipped}`, () => {
  afterEach(() => vi.unstubAllEnvs());

  it.each(KAFKA_SCANS)(
    "finds in 100,000 bars the signals that every peer found: $name",
    async (workload) => {
      vi.stubEnv("KAFKA_BROKERS", kafka.address ?? "");
      const { facts } = await workload.run("small");
      expect(facts).toMatchObject({ bars: 100_000, signals: 734, keys: "6926751c" });
    },
    120_000,
  );
});
