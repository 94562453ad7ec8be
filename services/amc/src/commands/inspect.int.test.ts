import { recordsOf } from "@amc/replay/log-digests";
import { decodeEvent } from "@amc/schemas/codec";
import type { EventOf } from "@amc/schemas/topics";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { jsonLines, runCommand } from "../testing/run-command.ts";
import { openTestLog, TestDirectory, writeSimulatedSystem } from "../testing/simulated-system.ts";

type Kept<Topic extends "signals.features.v1" | "signals.detection.v1" | "signals.verdict.v1"> = {
  readonly id: string | undefined;
  readonly event: EventOf<Topic>;
};

const directory = new TestDirectory();
beforeAll(() => writeSimulatedSystem(directory.path));
afterAll(() => directory.dispose());

/** All events of a symbol up to an instant, by a plain walk through the whole topic. */
async function walked<
  Topic extends "signals.features.v1" | "signals.detection.v1" | "signals.verdict.v1",
>(topic: Topic, symbol: string, atMs: number): Promise<Kept<Topic>[]> {
  const log = await openTestLog(directory.path);
  const events: Kept<Topic>[] = [];
  for await (const { key, value, headers } of recordsOf(log, topic)) {
    const decoded = value === null || key !== symbol ? null : decodeEvent(topic, value);
    if (decoded?.ok !== true || decoded.value.happenedAt > atMs) continue;
    events.push({ id: headers.ce_id, event: decoded.value });
  }
  await log.close();
  return events;
}

const inspect = (...words: string[]) =>
  runCommand(["inspect", "--data-dir", directory.path, ...words]);

describe("amc inspect", () => {
  it("gives the newest features, detections and verdict up to the instant and nothing later", async () => {
    const at = "2025-03-14T14:20:30Z";
    const result = await inspect("--symbol", "SIM0004", "--at", at, "--json");
    expect(result.exitCode, result.stderr).toBe(0);
    const lines = jsonLines(result);
    const idsOf = (type: string) => lines.filter((line) => line.type === type).map(({ id }) => id);
    const atMs = Date.parse(at);
    const features = await walked("signals.features.v1", "SIM0004", atMs);
    const verdicts = await walked("signals.verdict.v1", "SIM0004", atMs);
    const detections = await walked("signals.detection.v1", "SIM0004", atMs);
    expect(idsOf("features")).toEqual([features.at(-1)?.id]);
    expect(idsOf("verdict")).toEqual([verdicts.at(-1)?.id]);
    expect(verdicts.at(-1)?.event.happenedAt).toBe(Date.parse("2025-03-14T14:15:00Z"));
    // One per detector, and each of the last evaluation.
    expect(new Set(idsOf("detection"))).toEqual(new Set(detections.slice(-6).map(({ id }) => id)));
  });

  it("states a reason for every value that is null, and the inputs of the verdict", async () => {
    const result = await inspect("--symbol", "SIM0004", "--at", "2025-03-14T10:20", "--json");
    const features = jsonLines(result).find(({ type }) => type === "features");
    const nulls = Object.entries(features ?? {}).flatMap(([name, value]) =>
      value === null && name !== "slot" ? [name] : [],
    );
    const missing = features?.missing;
    const reasons = Array.isArray(missing) ? missing.map(({ feature }) => feature) : [];
    expect(nulls.length).toBeGreaterThan(5);
    expect(nulls.filter((name) => !reasons.includes(name))).toEqual([]);
    const verdict = jsonLines(result).find(({ type }) => type === "verdict");
    expect(verdict?.inputs).toEqual(
      expect.arrayContaining([expect.objectContaining({ role: "dailyBars", count: 105 })]),
    );
  });

  it("shows people the same as a table, in New York time", async () => {
    const { stdout, exitCode } = await inspect("--symbol", "sim0004", "--at", "2025-03-14T10:20");
    expect(exitCode).toBe(0);
    expect(stdout).toContain("SIM0004 as it stood at 2025-03-14 10:20 ET");
    expect(stdout).toMatch(/Borrow fee +- +is unknown: no source states it\./);
    expect(stdout).toMatch(/VERDICT {2}2025-03-14 10:15 ET/);
    expect(stdout).toMatch(/dailyBars +market\.price-tick\.v1 +simulated \(0\.95\) +105 /);
  });

  it("replays a recording up to the instant when it is given one", async () => {
    const words = ["inspect", "--symbol", "GME", "--recording", "built-in", "--json"];
    const before = jsonLines(await runCommand([...words, "--at", "2021-01-13T10:14"]));
    const after = jsonLines(await runCommand([...words, "--at", "2021-01-13T10:15"]));
    const verdictAt = (lines: typeof before) =>
      lines.find(({ type }) => type === "verdict")?.happenedAt;
    expect(verdictAt(before)).toBe("2021-01-13T15:00:00.000Z");
    expect(verdictAt(after)).toBe("2021-01-13T15:15:00.000Z");
    // Yahoo's close of 2021-01-12, as data/README.md describes the recording.
    expect(after.find(({ type }) => type === "features")?.prevClose).toBeCloseTo(19.95, 2);
  });

  it("answers no for a symbol it knows nothing about, and says what to run without a log", async () => {
    const unknown = await inspect("--symbol", "NONE", "--at", "2025-03-14T10:20");
    expect(unknown.exitCode).toBe(1);
    expect(unknown.stderr).toMatch(/^amc: nothing was known about NONE at 2025-03-14T14:20/);
    const nowhere = directory.at("nowhere");
    const words = ["inspect", "--symbol", "GME", "--at", "2025-03-14T10:20", "--data-dir", nowhere];
    const absent = await runCommand(words);
    expect(absent.exitCode).toBe(66);
    expect(absent.stderr.trim().split("\n")).toEqual([
      expect.stringMatching(/^amc: there is no log in .+nowhere: run "npm start"/),
    ]);
  });

  it("refuses an instant whose zone would be that of the machine", async () => {
    const { exitCode, stderr } = await inspect("--symbol", "SIM0004", "--at", "2025-03-14");
    expect(exitCode).toBe(64);
    expect(stderr).toContain("--at takes an instant such as");
  });
});
