import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brokerList } from "@amc/platform/log/kafka/connection";
import { describe, expect, it } from "vitest";
import { stackHome } from "../home.ts";
import { askCluster } from "../kafka/admin.ts";
import { markedProcesses } from "../processes/marks.ts";
import { testPart } from "./test-part.ts";

const kafka = await testPart("kafka");
const FIXTURE = fileURLToPath(new URL("./test-part.fixture.ts", import.meta.url));

interface Run {
  readonly pid: number;
  readonly answer: { readonly address: string | null; readonly skipped: string };
  kill(): void;
}

/** A run of its own, with what it was answered. */
async function startRun(environment: Record<string, string>): Promise<Run> {
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(process.execPath, [FIXTURE], {
    env: { PATH, HOME, ...environment },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const { promise, resolve } = Promise.withResolvers<string>();
  child.stdout.once("data", (line: Buffer) => resolve(line.toString()));
  child.once("exit", () => resolve("null"));
  const answer = JSON.parse(await promise);
  return { pid: child.pid ?? 0, answer, kill: () => void child.kill("SIGKILL") };
}

describe.skipIf(kafka.address === null)(`Kafka for tests${kafka.skipped}`, () => {
  it("answers, and is the same one for whoever asks in this run", async () => {
    expect(await askCluster({ brokers: brokerList(kafka.address ?? "") })).toMatchObject({
      brokers: expect.any(Number),
    });
    expect(await testPart("kafka")).toEqual(kafka);
  });

  it("goes with the run that started it, data included, even when that is killed", async () => {
    const run = await startRun({});
    expect(run.answer.skipped).toBe("");
    const home = stackHome(join(tmpdir(), `amc-stack-test-${run.pid}`));
    expect(markedProcesses(home).length).toBeGreaterThan(0);
    run.kill();
    await expect.poll(() => existsSync(home.root), { timeout: 30_000 }).toBe(false);
    expect(markedProcesses(home)).toEqual([]);
  });

  it("is the given one when one is given", async () => {
    const run = await startRun({ KAFKA_BROKERS: kafka.address ?? "" });
    expect(run.answer).toEqual(kafka);
    expect(existsSync(join(tmpdir(), `amc-stack-test-${run.pid}`))).toBe(false);
    run.kill();
  });
});

describe("Kafka that tests cannot have", () => {
  it("is named with the reason in the brackets that end a skipped name", async () => {
    const run = await startRun({ KAFKA_BROKERS: "127.0.0.1:1" });
    expect(run.answer).toEqual({
      address: null,
      skipped: expect.stringMatching(/^ \(needs Kafka: given by KAFKA_BROKERS[^()]*\)$/),
    });
    run.kill();
  });
});
