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
    const slots = jsonLines(result).flatMap(({ type, slot }) => (type === "run" ? [slot] : []));
    expect(slots).toEqual([`${DAY}T14:00:00.000Z`]);
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

  it.each([
    [["--recording", "built-in"], "--data-dir and --recording exclude each other"],
    [["--from", "yesterday"], "--from and --to take a day"],
  ])("refuses %j beside --data-dir", async (words, message) => {
    const { exitCode, stderr } = await replay(live, ...words);
    expect(exitCode).toBe(EXIT.usage);
    expect(stderr).toContain(message);
  });
});
