import { testPart } from "@amc/stack/testing/test-part";
import { describe, expect, it } from "vitest";
import { jsonLines, runCommand } from "../testing/run-command.ts";

/** Issue 4, §3.1, with the built-in case; `--recording gme-2021` is the same for minutes longer. */

const kafka = await testPart("kafka");
const registry = await testPart("registry");
const skipped = kafka.skipped === "" ? registry.skipped : kafka.skipped;

describe.skipIf(skipped !== "")(`amc verify --kafka${skipped}`, () => {
  it("finds derived topics and tables equal with 1, 4 and 12 partitions, three processors and two projectors", async () => {
    const servers = {
      KAFKA_BROKERS: kafka.address ?? "",
      SCHEMA_REGISTRY_URL: registry.address ?? "",
    };
    expect(await runCommand(["schemas", "register"], servers)).toMatchObject({ exitCode: 0 });
    const words = ["verify", "--kafka", "--recording", "built-in", "--json"];
    // With a shadow strategy, so that its comparisons go through Kafka as well (R-ABT-08).
    const result = await runCommand(words, { ...servers, SHADOW_TESTING_ENABLED: "true" });
    expect(result.exitCode, result.stdout + result.stderr).toBe(0);
    const [verified] = jsonLines(result);
    const tables = expect.objectContaining({ recommendations: expect.any(String) });
    const readModel = expect.objectContaining({ tables });
    const ways = ["1 partition", "4 partitions", "12 partitions"].map((partitions) =>
      expect.objectContaining({ name: `Kafka, ${partitions}, three instances`, readModel }),
    );
    const more = [
      "stopped and resumed",
      "4 partitions, transactional",
      "4 partitions, the registry's ids",
    ].map((name) => expect.objectContaining({ name: `Kafka, ${name}` }));
    expect(verified).toMatchObject({
      ok: true,
      recording: "built-in",
      records: expect.objectContaining({ "discovery.shadow-run.v1": 5 }),
      variants: expect.arrayContaining([...ways, ...more]),
    });
  }, 300_000);
});
