import { testPart } from "@amc/stack/testing/test-part";
import { describe, expect, it, onTestFinished } from "vitest";
import { StageRunner } from "../runtime/stage-runner.ts";
import { readAll } from "./contract/fixture.ts";
import { openKafkaLog } from "./kafka.ts";
import { MAX_RECORD_BYTES } from "./port.ts";
import { writeForeign } from "./testing/foreign-writer.ts";
import { HALT_LAYOUT, HALTS, halt, sliceEnd, WATCHING } from "./testing/halts.ts";
import { createTestTopics } from "./testing/kafka-topics.ts";

const LETTERS = `${HALTS}.dlq`;

const kafka = await testPart("kafka");

describe.skipIf(kafka.address === null)(`records that others write${kafka.skipped}`, () => {
  async function open() {
    const topics = await createTestTopics(kafka.address, HALT_LAYOUT, [WATCHING.name]);
    onTestFinished(topics.remove);
    const log = await openKafkaLog({ ...topics, layout: HALT_LAYOUT });
    onTestFinished(() => log.close());
    const process = async () => {
      const runner = await StageRunner.open({ log, subtopology: WATCHING, partition: 0 });
      await runner.runUntilIdle();
      return runner.counts;
    };
    return { topics, log, process };
  }

  it("are dead-lettered when they are larger than any of ours, or as large, and the rest goes on", async () => {
    const { topics, log, process } = await open();
    await log.commit({ appends: [halt(0)] });
    const sizes = [1_048_576, MAX_RECORD_BYTES + 1, MAX_RECORD_BYTES, MAX_RECORD_BYTES - 20];
    for (const size of sizes) {
      await writeForeign(topics, HALTS, [{ key: "GME", value: Buffer.alloc(size, 1) }]);
    }
    const headers = { large: "x".repeat(MAX_RECORD_BYTES) };
    await writeForeign(topics, HALTS, [{ value: Buffer.alloc(4), headers }]);
    await log.commit({ appends: [halt(6), sliceEnd(7)] });
    expect(await process()).toMatchObject({ applied: 2, deadLettered: 5, ticks: 1 });
    // A process that comes after it finds nothing to stumble over.
    expect(await process()).toMatchObject({ applied: 0, deadLettered: 0 });
    const letters = await readAll(log, LETTERS, 0);
    expect(
      letters.map(({ headers }) => [
        headers["dlq-offset"],
        headers["dlq-truncated"],
        Number(headers["dlq-value-bytes"]),
      ]),
    ).toEqual([
      ...sizes.map((size, index) => [String(1 + index), "value", size]),
      ["5", "headers", 4],
    ]);
  });

  it("are one dead letter when they are a batch that nobody can afford to decompress", async () => {
    const { topics, log, process } = await open();
    await log.commit({ appends: [halt(0)] });
    const zeros = Array.from({ length: 64 }, () => ({ value: Buffer.alloc(1_048_576) }));
    await writeForeign(topics, HALTS, zeros, "gzip");
    await log.commit({ appends: [halt(65), sliceEnd(66)] });
    expect(await process()).toMatchObject({ applied: 2, deadLettered: 1, ticks: 1 });
    const [letter, ...others] = await readAll(log, LETTERS, 0);
    expect(others).toEqual([]);
    expect(letter?.headers).toMatchObject({
      ...{ "dlq-code": "batch.too-large", "dlq-topic": HALTS, "dlq-offset": "64" },
      "dlq-reason": expect.stringContaining("64 records, offsets 1 to 64"),
    });
  });
});
