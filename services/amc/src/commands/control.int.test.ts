import { decodeRecord } from "@amc/platform/runtime/decode-record";
import { recordsOf } from "@amc/replay/log-digests";
import type { Run } from "@amc/schemas/generated/events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EXIT } from "../exit-codes.ts";
import { playBuiltIn } from "../testing/played-built-in.ts";
import { jsonLines, runCommand } from "../testing/run-command.ts";
import { openTestLog, PARTITIONS, TestDirectory } from "../testing/simulated-system.ts";

/** Runs of the built-in case begin at 09:30 ET; what is played first ends in its first hour. */
const HALF_WAY = Date.parse("2021-01-13T15:00:00Z");

let directory: TestDirectory;
beforeEach(() => {
  directory = new TestDirectory();
});
afterEach(() => directory.dispose());

async function runs(): Promise<Run[]> {
  const log = await openTestLog(directory.path);
  const found: Run[] = [];
  for await (const record of recordsOf(log, "discovery.run.v1")) {
    const decoded = decodeRecord(record, false);
    if (decoded.ok && decoded.event.topic === "discovery.run.v1") found.push(decoded.event.value);
  }
  await log.close();
  return found.sort((a, b) => a.slot - b.slot);
}

const control = (...words: readonly string[]) =>
  runCommand(["control", ...words, "--data-dir", directory.path]);

describe("amc control", () => {
  it("changes preset and strategy of the runs after it, in every partition, and takes them back", async () => {
    await playBuiltIn(directory, HALF_WAY);
    const before = await runs();
    expect(before.length).toBeGreaterThan(0);
    for (const words of [
      ["preset", "squeeze_aggressive"],
      ["preset", "catalyst_heavy"],
      ["strategy", "hybrid_v1"],
      ["profile", "active"],
      ["profile"],
    ]) {
      const result = await control(...words, "--reason", "a test");
      expect(result.exitCode, result.stderr).toBe(EXIT.ok);
    }
    const pending = jsonLines(await control("list", "--json"));
    expect(pending.find(({ setting }) => setting === "preset")).toMatchObject({
      value: "catalyst_heavy",
      configured: "balanced_default",
      isInForce: false,
    });

    await playBuiltIn(directory);
    const all = await runs();
    expect(all.slice(0, before.length)).toEqual(before);
    const rules = ({ preset, strategy, profile }: Run) => ({ preset, strategy, profile });
    const configured = {
      preset: "balanced_default",
      strategy: "unified_detectors",
      profile: "strict",
    };
    expect(before.map(rules)).toEqual(before.map(() => configured));
    const after = all.slice(before.length);
    expect(after.length).toBeGreaterThan(0);
    const changed = { preset: "catalyst_heavy", strategy: "hybrid_v1", profile: "strict" };
    expect(after.map(rules)).toEqual(after.map(() => changed));

    const listed = jsonLines(await control("list", "--json"));
    expect(listed.find(({ setting }) => setting === "strategy")).toMatchObject({
      value: "hybrid_v1",
      isInForce: true,
      actor: "operator",
      reason: "a test",
    });
    const log = await openTestLog(directory.path);
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      expect(await log.endOffset("ops.control.v1", partition)).toBe(5);
    }
    await log.close();
  });

  it("decides a period of FINRA's schedule by hand, and gives it back to the calendar (R-SI-17)", async () => {
    await playBuiltIn(directory, HALF_WAY);
    const period = "finra-schedule/2021-01-15";
    const decision = ["published=2021-01-28", "--reason", "notice of FINRA", "--actor", "ann"];
    const decided = await control(period, ...decision, "--json");
    expect(decided.exitCode).toBe(EXIT.ok);
    // With the day that nobody said, which is the calendar's.
    expect(jsonLines(decided)[0]).toMatchObject({
      ...{ setting: period, value: "due=2021-01-20 published=2021-01-28", actor: "ann" },
    });
    const listed = async () =>
      jsonLines(await control("list", "--json")).find(({ setting }) => setting === period);
    expect(await listed()).toMatchObject({ reason: "notice of FINRA", configured: null });
    expect((await control(period, "--reason", "the notice was withdrawn")).exitCode).toBe(EXIT.ok);
    expect(await listed()).toBeUndefined();
  });

  it("says what to do while a process writes that takes no settings, and changes nothing", async () => {
    await playBuiltIn(directory, HALF_WAY);
    const log = await openTestLog(directory.path);
    const { exitCode, stderr } = await control("preset", "catalyst_heavy", "--reason", "a test");
    expect(exitCode).toBe(EXIT.unavailable);
    expect(stderr).toContain(
      `process ${process.pid} writes to ${directory.path} and takes no setting`,
    );
    expect(await log.endOffset("ops.control.v1", 0)).toBe(0);
    await log.close();
  });

  it.each([
    [["colour", "red", "--reason", "x"], "there is no setting colour; there are strategy, profile"],
    [["strategy", "magic", "--reason", "x"], "unified_detectors, hybrid_v1, legacy_v0"],
    [["discovery", "yes", "--reason", "x"], "discovery can be true, false"],
    [["finra-schedule/2025-08-28", "--reason", "x"], "2025-08-28 is no settlement date"],
    [["finra-schedule/2025-08-29", "soon", "--reason", "x"], "a period takes: [due=yyyy-mm-dd]"],
    [["strategy", "hybrid_v1"], "--reason says why"],
    [["strategy", "hybrid_v1", "more", "--reason", "x"], "control takes <setting> [<value>]"],
  ])("refuses %j", async (words, message) => {
    const { exitCode, stderr } = await control(...words);
    expect(exitCode).toBe(EXIT.usage);
    expect(stderr).toContain(message);
  });

  it("refuses a log without a tick, from which nothing could follow", async () => {
    await (await openTestLog(directory.path)).close();
    const { exitCode, stderr } = await control("preset", "catalyst_heavy", "--reason", "x");
    expect(exitCode).toBe(EXIT.failed);
    expect(stderr).toContain("no clock tick");
  });
});
