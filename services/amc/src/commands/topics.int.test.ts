import { DatabaseSync } from "node:sqlite";
import { recordsOf } from "@amc/replay/log-digests";
import { TOPIC_NAMES } from "@amc/schemas/topics";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { jsonLines, runCommand } from "../testing/run-command.ts";
import { openTestLog, TestDirectory, writeSimulatedSystem } from "../testing/simulated-system.ts";

const directory = new TestDirectory();
beforeAll(() => writeSimulatedSystem(directory.at("system")));
afterAll(() => directory.dispose());

describe("amc topics", () => {
  it("counts what a walk through every topic counts", async () => {
    const result = await runCommand(["topics", "--json", "--data-dir", directory.at("system")]);
    expect(result.exitCode, result.stderr).toBe(0);
    const log = await openTestLog(directory.at("system"));
    const walked = new Map<string, number>();
    for (const topic of TOPIC_NAMES) {
      walked.set(topic, 0);
      for await (const _ of recordsOf(log, topic)) walked.set(topic, (walked.get(topic) ?? 0) + 1);
    }
    await log.close();
    const lines = jsonLines(result);
    expect(lines.map(({ topic, log: contents }) => [topic, contents])).toEqual(
      [...walked].map(([topic, records]) => [
        topic,
        expect.objectContaining({ records, deadLetters: 0 }),
      ]),
    );
    expect(walked.get("signals.features.v1")).toBeGreaterThan(1_000);
  });

  it("shows the table of topics where there is no log yet, and says how to get one", async () => {
    const result = await runCommand(["topics"], { AMC_DATA_DIR: directory.at("nothing") });
    expect(result.exitCode).toBe(0);
    expect(result.stdout).toMatch(/^ops\.stage-timing\.v1 +none +4 +ops +runtime +30 days$/m);
    expect(result.stdout).not.toContain("records");
    expect(result.stderr).toContain("npm start makes one");
  });

  it("refuses a directory that was asked for by name and holds no log", async () => {
    const { exitCode, stderr } = await runCommand([
      "topics",
      "--data-dir",
      directory.at("nothing"),
    ]);
    expect(exitCode).toBe(66);
    expect(stderr).toMatch(/^amc: there is no log in .+ run "npm start"/);
  });

  it("says in one line that a log was written by another version", async () => {
    const other = directory.at("other-version");
    await (await openTestLog(other)).close();
    const store = new DatabaseSync(directory.at("other-version", "log", "log.sqlite"));
    store.exec("PRAGMA user_version = 99");
    store.close();
    const { exitCode, stderr } = await runCommand(["topics", "--data-dir", other]);
    expect(exitCode).toBe(66);
    expect(stderr).toMatch(/^amc: .+ has format 99, this version reads format \d+: .+\n$/);
  });
});
