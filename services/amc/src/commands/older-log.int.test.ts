import { playRecording } from "@amc/ingest-recordings/player";
import { openFileLog } from "@amc/platform/log/file";
import { systemLayout } from "@amc/platform/runtime/layout";
import { Processor } from "@amc/processor/processor";
import { DEFAULT_SCORING } from "@amc/streams/scoring/config";
import { createTopology } from "@amc/streams/topology/topology";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXIT } from "../exit-codes.ts";
import { openRecording } from "../recordings.ts";
import { jsonLines, runCommand } from "../testing/run-command.ts";
import { PARTITIONS, TestDirectory } from "../testing/simulated-system.ts";

/** What the build before shadow runs did not have: two topics, and the stage that reads the one and writes the other. */
const LATER_TOPICS: readonly string[] = ["ops.shadow-slot.v1", "discovery.shadow-run.v1"];
const LATER_STAGE = "shadow";

const directory = new TestDirectory();
afterAll(() => directory.dispose());

beforeAll(async () => {
  const log = await openFileLog({
    directory: directory.at("log"),
    layout: systemLayout(PARTITIONS).filter(({ topic }) => !LATER_TOPICS.includes(topic)),
    clock: () => Date.now(),
  });
  const { description } = await playRecording({ log, ...(await openRecording("built-in", "")) });
  const configuredUniverse = description.symbols.length;
  const scoring = DEFAULT_SCORING;
  const topology = createTopology({ scoring, configuredUniverse, failFast: true }).map(
    ({ stages, ...subtopology }) => ({
      ...subtopology,
      stages: stages.filter(({ name }) => name !== LATER_STAGE),
    }),
  );
  await (await Processor.open({ log, topology })).runUntilIdle();
  await log.close();
});

describe("a data directory of a build that had fewer topics", () => {
  it("is told of by `status`: of topics that it lacks, nothing waits", async () => {
    const result = await runCommand(["status", "--data-dir", directory.path, "--json"]);
    expect(result.exitCode, result.stderr).toBe(EXIT.ok);
    const stages = jsonLines(result).filter(({ type }) => type === "stage");
    expect(stages.length).toBeGreaterThan(0);
    expect(stages.map(({ records }) => records)).toEqual(stages.map(() => 0));
  });

  it("is replayed and compared: what it lacks it holds nothing of", async () => {
    const words = ["replay", "--data-dir", directory.path, "--compare", "--json"];
    const result = await runCommand(words);
    expect(result.exitCode, result.stdout + result.stderr).toBe(EXIT.ok);
    const compared = jsonLines(result).filter(({ type }) => type === "comparison");
    expect(compared.find(({ topic }) => topic === "discovery.run.v1")).toMatchObject({
      isEqual: true,
      live: { records: 5 },
    });
  });
});
