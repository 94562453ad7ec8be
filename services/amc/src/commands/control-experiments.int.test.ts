import { decodeRecord } from "@amc/platform/runtime/decode-record";
import { recordsOf } from "@amc/replay/log-digests";
import type { ExperimentResult, Run } from "@amc/schemas/generated/events";
import { planOf } from "@amc/streams/experiments/plan";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EXIT } from "../exit-codes.ts";
import { playBuiltIn } from "../testing/played-built-in.ts";
import { jsonLines, runCommand } from "../testing/run-command.ts";
import { openTestLog, PARTITIONS, TestDirectory } from "../testing/simulated-system.ts";

/** Runs of the built-in case begin at 09:30 ET; what is played first ends in its first hour. */
const HALF_WAY = Date.parse("2021-01-13T15:00:00Z");
const DAY_MS = 86_400_000;

let directory: TestDirectory;
beforeEach(() => {
  directory = new TestDirectory();
});
afterEach(() => directory.dispose());

async function told(): Promise<{ runs: Run[]; results: ExperimentResult[] }> {
  const log = await openTestLog(directory.path);
  const runs: Run[] = [];
  const results: ExperimentResult[] = [];
  for (const topic of ["discovery.run.v1", "experiments.result.v1"] as const) {
    for await (const record of recordsOf(log, topic)) {
      const decoded = decodeRecord(record, false);
      if (!decoded.ok) continue;
      if (decoded.event.topic === "discovery.run.v1") runs.push(decoded.event.value);
      if (decoded.event.topic === "experiments.result.v1") results.push(decoded.event.value);
    }
  }
  await log.close();
  return { runs, results };
}

const control = (name: string, change: string, ...words: readonly string[]) =>
  runCommand([
    ...["control", `experiment/${name}`, change, "--reason", "a test"],
    ...["--data-dir", directory.path, ...words],
  ]);

describe("amc control experiment/<name>", () => {
  it("shares the runs after it among strategies, with the configured split and duration", async () => {
    await playBuiltIn(directory, HALF_WAY);
    const before = await told();
    const started = await control("rollout", "start", "--json");
    expect(started.exitCode, started.stderr).toBe(EXIT.ok);
    const [changed] = jsonLines(started);
    const plan = planOf(String(changed?.value));
    expect(plan).toMatchObject({
      status: "ACTIVE",
      // AB_TESTING_TRAFFIC_SPLIT and AB_TESTING_EXPERIMENT_DURATION_DAYS as they are by default.
      split: [
        { strategy: "legacy_v0", weight: 20 },
        { strategy: "unified_detectors", weight: 80 },
      ],
    });
    expect((plan?.endAt ?? 0) - (plan?.startAt ?? 0)).toBe(14 * DAY_MS);
    expect(before.runs.every(({ slot }) => slot < (plan?.startAt ?? 0))).toBe(true);

    await playBuiltIn(directory);
    const after = await told();
    const exposed = after.runs.filter(({ slot }) => slot >= (plan?.startAt ?? 0));
    expect(exposed.length).toBeGreaterThan(0);
    const arms = (all: readonly { runId: string; strategy: string }[]) =>
      all.map(({ runId, strategy }) => `${runId} ${strategy}`).sort();
    expect(arms(after.results)).toEqual(arms(exposed));
    expect(before.results).toEqual([]);
  });

  it("is in every partition, listed with its plan, and may be paused, shared anew and cancelled", async () => {
    await playBuiltIn(directory, HALF_WAY);
    const steps = ["start days=7", "pause", "split=hybrid_v1:50,legacy_v0:50", "resume", "cancel"];
    for (const [index, step] of steps.entries()) {
      const result = await control("rollout", step);
      expect(result.exitCode, result.stderr).toBe(EXIT.ok);
      if (index === 3)
        expect(result.stdout).toContain("experiment/rollout is ACTIVE until 2021-01-20");
    }
    const list = await runCommand(["control", "list", "--json", "--data-dir", directory.path]);
    expect(jsonLines(list).find(({ setting }) => setting === "experiment/rollout")).toMatchObject({
      value: expect.stringMatching(
        /^CANCELLED until .*: hybrid_v1 50 %, legacy_v0 50 %; compared by /,
      ),
      configured: null,
      isInForce: false,
      actor: "operator",
      reason: "a test",
    });
    const log = await openTestLog(directory.path);
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      expect(await log.endOffset("ops.control.v1", partition)).toBe(steps.length);
    }
    await log.close();
  });

  it("refuses what cannot follow what is decided already, and changes nothing", async () => {
    await playBuiltIn(directory, HALF_WAY);
    await control("rollout", "start");
    for (const [name, change, message] of [
      ["rollout", "start", "there was an experiment rollout already"],
      ["second", "start", "one experiment runs at a time, and rollout does until 2021-01-27"],
      ["second", "pause", "there is no experiment second"],
      ["rollout", "resume", "rollout is ACTIVE"],
    ] as const) {
      const { exitCode, stderr } = await control(name, change);
      expect(exitCode).toBe(EXIT.failed);
      expect(stderr).toContain(message);
    }
    const log = await openTestLog(directory.path);
    expect(await log.endOffset("ops.control.v1", 0)).toBe(1);
    await log.close();
  });

  it.each([
    ["rollout", "begin", "an experiment takes: start"],
    ["rollout", "start split=legacy_v0:90", "sum to 100"],
    ["No Name", "start", "there is no setting experiment/No Name"],
  ])("refuses experiment/%s %j as a mistake", async (name, change, message) => {
    const { exitCode, stderr } = await control(name, change);
    expect(exitCode).toBe(EXIT.usage);
    expect(stderr).toContain(message);
  });
});
