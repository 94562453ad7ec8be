import { existsSync } from "node:fs";
import { playRecording } from "@amc/ingest-recordings/player";
import { afterAll, describe, expect, it } from "vitest";
import { EXIT } from "../exit-codes.ts";
import { dataDirectoryAt } from "../operations/data-directory.ts";
import { databaseHomes } from "../operations/database-access.ts";
import { openRecording } from "../recordings.ts";
import { jsonLines, runCommand } from "../testing/run-command.ts";
import { openTestLog, PARTITIONS, TestDirectory } from "../testing/simulated-system.ts";
import { minuteRow, writeSmallRecording } from "../testing/small-recording.ts";

const directory = new TestDirectory();
afterAll(() => directory.dispose());

const MINUTES = [0, 1, 2];
const summaryOf = (result: Awaited<ReturnType<typeof runCommand>>) =>
  jsonLines(result).find(({ type }) => type === "summary");

describe("amc replay of a recording with refused rows", () => {
  const rows = [
    minuteRow(0),
    minuteRow(1).replace(",9.95,", ",x,"),
    minuteRow(2),
    minuteRow(3, 10),
  ];
  const words = writeSmallRecording(directory.path, { name: "partly", rows });

  it("says how many were refused for which reason, and where the first stands", async () => {
    const { exitCode, stdout, stderr } = await runCommand(["replay", ...words]);
    expect(exitCode, stderr).toBe(EXIT.ok);
    expect(stdout).toMatch(/^2 facts, 2 dead letters/m);
    expect(stdout).toMatch(/^ {2}refused as number\.invalid: 1 row partly\.csv:2:4: low .*"x"/m);
    expect(stdout).toMatch(/^ {2}refused as time\.out-of-range: 1 row partly\.csv:4:1: /m);
  });

  it("has the same in the summary of --json", async () => {
    const result = await runCommand(["replay", ...words, "--json"]);
    expect(summaryOf(result)).toMatchObject({
      deadLetters: 2,
      rejected: [
        { code: "number.invalid", count: 1, first: expect.stringContaining("partly.csv:2:4: ") },
        { code: "time.out-of-range", count: 1 },
      ],
    });
  });
});

describe("a recording without a single fact", () => {
  const other = directory.at("other");
  it.each([
    [
      "a column that its file does not have",
      { rows: MINUTES.map((at) => minuteRow(at)), volume: 99 },
    ],
    ["milliseconds said to be seconds", { rows: MINUTES.map((at) => minuteRow(at, 1000)) }],
    ["an empty file", { rows: [] }],
  ] as const)(
    "ends replay and start with 66 and the reasons, and makes nothing: %s",
    async (name, recording) => {
      const count = recording.rows.length;
      const words = writeSmallRecording(directory.path, { name: "none", ...recording });
      for (const command of [
        ["replay", ...words],
        ["start", ...words, "--data-dir", other],
      ]) {
        const told = await runCommand(command);
        expect(told.exitCode, name).toBe(EXIT.noInput);
        expect(told.stdout).toBe("");
        expect(told.stderr).toContain("amc: recording none holds no fact\n");
        const first = / {2}refused as [\w.-]+: 3 rows, the first none\.csv:1:\d+: /;
        if (count > 0) expect(told.stderr).toMatch(first);
        else expect(told.stderr).toContain("\n  its files have no rows\n");
        const result = await runCommand([...command, "--json"]);
        expect(result.exitCode).toBe(EXIT.noInput);
        expect(summaryOf(result)).toMatchObject({ recording: "none", complete: false, facts: {} });
        expect(summaryOf(result)?.rejected).toHaveLength(count > 0 ? 1 : 0);
      }
      expect(existsSync(other)).toBe(false);
    },
  );
});

describe("npm start in the data directory of a later recording", () => {
  it("ends with 66 before a database is made, and names the way out", async () => {
    const data = directory.at("later");
    const log = await openTestLog(data);
    await playRecording({ log, ...(await openRecording("built-in", directory.path)) });
    await log.close();
    const rows = MINUTES.map((at) => minuteRow(at));
    const words = writeSmallRecording(directory.path, { name: "earlier", rows });
    const start = ["start", ...words, "--data-dir", data];
    const { exitCode, stdout, stderr } = await runCommand(start, {
      AMC_PARTITIONS: String(PARTITIONS),
    });
    expect(exitCode).toBe(EXIT.noInput);
    expect(stdout).toBe("");
    expect(stderr).toBe(
      "amc: this log holds recording built-in, which earlier does not follow in time; use a new data directory (--data-dir)\n",
    );
    expect(databaseHomes(dataDirectoryAt(data))).toEqual([]);
  });
});
