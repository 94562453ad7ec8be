import { existsSync } from "node:fs";
import { brokerList } from "@amc/platform/log/kafka/connection";
import { describe, expect, it } from "vitest";
import type { StackHome } from "../home.ts";
import { askCluster } from "../kafka/admin.ts";
import { markedProcesses } from "../processes/marks.ts";
import { leftOf, readRecord } from "./contained-part.ts";
import { startRun } from "./small-run.ts";
import { testPart } from "./test-part.ts";

const kafka = await testPart("kafka");

/** Which engine a run asks: the one that this run asks. */
const ENGINE = Object.fromEntries(
  ["DOCKER_HOST", "DOCKER_CONFIG", "DOCKER_CONTEXT", "AMC_STACK_RUNNER"].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  }),
);

/** Processes of a run, or what it has in containers: whichever it was given. */
async function serversOf(home: StackHome, project: string | null): Promise<unknown[] | null> {
  return project === null ? markedProcesses(home) : await leftOf(project);
}

describe.skipIf(kafka.address === null)(`Kafka for tests${kafka.skipped}`, () => {
  it("answers, and is the same one for whoever asks in this run", async () => {
    expect(await askCluster({ brokers: brokerList(kafka.address ?? "") })).toMatchObject({
      brokers: expect.any(Number),
    });
    expect(await testPart("kafka")).toEqual(kafka);
  });

  it("goes with the run that started it, data included, even when that is killed", async () => {
    const run = await startRun(["kafka"], ENGINE);
    expect(run.answers).toEqual([{ address: expect.any(String), skipped: "" }]);
    const project = readRecord(run.home, "kafka")?.project ?? null;
    expect(run.said).toEqual([
      expect.stringContaining(project === null ? "native" : `in containers (${project})`),
    ]);
    expect(await serversOf(run.home, project)).not.toEqual([]);
    run.kill();
    await expect.poll(() => existsSync(run.home.root), { timeout: 30_000 }).toBe(false);
    expect(await serversOf(run.home, project)).toEqual([]);
  });

  it("is the given one when one is given", async () => {
    const run = await startRun(["kafka"], { ...ENGINE, KAFKA_BROKERS: kafka.address ?? "" });
    expect(run.answers).toEqual([kafka]);
    expect(existsSync(run.home.root)).toBe(false);
    run.kill();
  });
});

describe("Kafka that tests cannot have", () => {
  it("is named with the reason in the brackets that end a skipped name", async () => {
    const run = await startRun(["kafka"], { KAFKA_BROKERS: "127.0.0.1:1" });
    expect(run.answers).toEqual([
      {
        address: null,
        skipped: expect.stringMatching(/^ \(needs Kafka: given by KAFKA_BROKERS[^()]*\)$/),
      },
    ]);
    run.kill();
  });
});
