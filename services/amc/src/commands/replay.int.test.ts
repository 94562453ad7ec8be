import { cpSync } from "node:fs";
import { recordsOf } from "@amc/replay/log-digests";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXIT } from "../exit-codes.ts";
import { jsonLines, runCommand } from "../testing/run-command.ts";
import { openTestLog, TestDirectory, writeSimulatedSystem } from "../testing/simulated-system.ts";

/** The simulated market has its minutes, and so its slots, on this day. */
const DAY = "2025-03-14";

const directory = new TestDirectory();
const live = directory.at("live");
beforeAll(() => writeSimulatedSystem(live));
afterAll(() => directory.dispose());

const replay = (dataDirectory: string, ...words: readonly string[]) =>
  runCommand(["replay", "--data-dir", dataDirectory, "--json", ...words]);

const comparisons = (result: Awaited<ReturnType<typeof replay>>) =>
  jsonLines(result).filter(({ type }) => type === "comparison");

const slotsOf = (result: Awaited<ReturnType<typeof replay>>) =>
  jsonLines(result).flatMap(({ type, slot }) => (type === "run" ? [slot] : []));

describe("amc replay --data-dir", () => {
  it("derives from the facts of all partitions what was derived live, whatever it is split into", async () => {
    for (const partitions of ["1", "3"]) {
      const result = await replay(live, "--compare", "--partitions", partitions);
      expect(result.exitCode, result.stdout + result.stderr).toBe(EXIT.ok);
      const compared = comparisons(result);
      expect(compared.find(({ topic }) => topic === "discovery.recommendation.v1")).toMatchObject({
        isEqual: true,
        live: { records: expect.any(Number) },
      });
      expect(compared.map(({ isEqual }) => isEqual)).toEqual(compared.map(() => true));
    }
  });

  it("tells of the range only, and gives in it what the whole log gives", async () => {
    const range = ["--from", `${DAY}T13:50:00Z`, "--to", `${DAY}T14:05:00Z`];
    const result = await replay(live, "--compare", ...range);
    expect(result.exitCode, result.stdout + result.stderr).toBe(EXIT.ok);
    expect(slotsOf(result)).toEqual([`${DAY}T14:00:00.000Z`]);
  });

  it("reads times without a zone on the clock of New York, wherever the machine stands", async () => {
    const range = ["--from", `${DAY}T10:00`, "--to", `${DAY}T10:00`];
    for (const TZ of ["UTC", "Asia/Tokyo"]) {
      const words = ["replay", "--data-dir", live, "--json", ...range];
      expect(slotsOf(await runCommand(words, { TZ }))).toEqual([`${DAY}T14:00:00.000Z`]);
    }
  });

  it("answers no when the log holds something that its facts do not give", async () => {
    const forged = directory.at("forged");
    cpSync(live, forged, { recursive: true });
    const log = await openTestLog(forged);
    for await (const record of recordsOf(log, "discovery.recommendation.v1")) {
      const { topic, partition, key, value, headers } = record;
      const id = "00000000-0000-8000-8000-000000000000";
      const copy = { topic, partition, key, value, headers: { ...headers, ce_id: id } };
      await log.commit({ appends: [copy] });
      break;
    }
    await log.close();
    const result = await replay(forged, "--compare");
    expect(result.exitCode).toBe(EXIT.failed);
    const differing = comparisons(result).filter(({ isEqual }) => isEqual === false);
    expect(differing.map(({ topic }) => topic)).toEqual(["discovery.recommendation.v1"]);
  });

  it("differs under another preset, which shows that the comparison can fail", async () => {
    const result = await replay(live, "--compare", "--preset", "catalyst_heavy");
    expect(result.exitCode).toBe(EXIT.failed);
  });

  it("says that a log holds nothing to replay instead of reporting a quiet market", async () => {
    const empty = directory.at("empty");
    await (await openTestLog(empty)).close();
    const { exitCode, stdout, stderr } = await replay(empty);
    expect(exitCode).toBe(EXIT.noInput);
    expect(stderr).toContain("holds no tick yet");
    expect(stdout).not.toContain('"summary"');
  });

  it.each([
    [["--recording", "built-in"], "--data-dir and --recording exclude each other"],
    [["--symbols", "SIM0001"], "--data-dir and --symbols exclude each other"],
    [["--from", "yesterday"], "--from takes a day"],
    [["--from", `${DAY}T25:00`], "--from takes a day"],
    [["--to", "2025-02-30"], "--to takes a day"],
    [["--from", DAY, "--to", "2025-03-13"], `--to 2025-03-13 lies before --from ${DAY}`],
    [["--from", "2025-03-15"], "--from: nothing is known in this range; the facts reach from "],
    [["--to", "2020-01-01"], "--to: nothing is known in this range; the facts reach from "],
  ])("refuses %j beside --data-dir", async (words, message) => {
    const { exitCode, stderr } = await replay(live, ...words);
    expect(exitCode).toBe(EXIT.usage);
    expect(stderr).toContain(message);
  });
});

describe("amc replay --recording", () => {
  const replayBuiltIn = (words: readonly string[], environment: Record<string, string> = {}) =>
    runCommand(["replay", "--recording", "built-in", "--json", ...words], environment);

  it("reads times without a zone on the clock of New York, wherever the machine stands", async () => {
    const range = ["--from", "2021-01-13T09:45", "--to", "2021-01-13T10:15"];
    const slots: unknown[] = [];
    for (const TZ of ["UTC", "Asia/Tokyo"]) {
      const result = await replayBuiltIn(range, { TZ });
      expect(result.exitCode, result.stderr).toBe(EXIT.ok);
      slots.push(slotsOf(result));
    }
    const quarters = ["14:45", "15:00", "15:15"].map((time) => `2021-01-13T${time}:00.000Z`);
    expect(slots).toEqual([quarters, quarters]);
  });

  it.each([
    [["--from", "yesterday"], "--from takes a day such as 2021-01-13, an instant such as "],
    [
      ["--to", "2021-01-12T25:00"],
      'or New York time such as 2021-01-13T10:15; was "2021-01-12T25:00"',
    ],
    [["--from", "2021-02-30"], "--from takes a day such as 2021-01-13"],
    [
      ["--from", "2021-01-14", "--to", "2021-01-13"],
      "--to 2021-01-13 lies before --from 2021-01-14",
    ],
    [
      ["--from", "2021-01-14"],
      "--from lies after 2021-01-13 10:30 ET, where the slots of built-in end",
    ],
    [
      ["--to", "2021-01-12"],
      "--to lies before 2021-01-13 09:30 ET, where the slots of built-in begin",
    ],
    [["--from", "2021-02-01", "--to", "2021-02-02"], "--from: nothing is known in this range"],
    [["--from", "2019-02-01", "--to", "2019-02-02"], "--to: nothing is known in this range"],
    [["--symbols", "NOPE"], "--symbols: built-in has no facts of NOPE; it has GME, IBM, SPY"],
    [["--symbols", "gme,zzz"], "--symbols: built-in has no facts of ZZZ; it has GME, IBM, SPY"],
    [["--symbols", "GME,"], '--symbols takes names such as GME,AMC; was "GME,"'],
  ])("refuses %j, where nothing would be found, and says what to give", async (words, message) => {
    const { exitCode, stdout, stderr } = await replayBuiltIn(words);
    expect(stderr).toContain(message);
    expect(exitCode).toBe(EXIT.usage);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stdout).not.toContain('"summary"');
  });

  it("takes symbols in small letters, and gives for one symbol what the whole recording gives", async () => {
    const recommended = async (...words: string[]) => {
      const result = await replayBuiltIn(words);
      expect(result.exitCode, result.stderr).toBe(EXIT.ok);
      return jsonLines(result).filter(({ type }) => type === "recommendation");
    };
    const all = await recommended();
    expect(all).toHaveLength(1);
    expect(await recommended("--symbols", " gme")).toEqual(all);
  });
});
