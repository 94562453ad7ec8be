import { appendFileSync, readdirSync, rmSync } from "node:fs";
import type { Log } from "@amc/platform/log/port";
import { digestsOf } from "@amc/replay/log-digests";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand } from "../testing/run-command.ts";
import { openTestLog, TestDirectory, writeSimulatedSystem } from "../testing/simulated-system.ts";

const directory = new TestDirectory();
const system = directory.at("system");
beforeAll(() => writeSimulatedSystem(system));
afterAll(() => directory.dispose());

const backup = (target: string, from = system) =>
  runCommand(["backup", target, "--data-dir", from]);
const restore = (from: string, target: string) =>
  runCommand(["restore", from, "--data-dir", target]);

async function withLog<Result>(dataDirectory: string, work: (log: Log) => Promise<Result>) {
  const log = await openTestLog(dataDirectory);
  try {
    return await work(log);
  } finally {
    await log.close();
  }
}

async function statesOf(log: Log) {
  const units: unknown[] = [];
  for (const partition of [0, 1]) {
    units.push(await log.positions("signals", partition));
    for await (const change of log.state("signals", partition)) units.push(change);
  }
  return units;
}

describe("amc backup and restore", () => {
  it("brings back every record, position and state, and the log goes on from there", async () => {
    const copy = directory.at("copy");
    const restored = directory.at("restored");
    const backedUp = await backup(copy);
    expect(backedUp.exitCode, backedUp.stderr).toBe(0);
    const result = await restore(copy, restored);
    expect(result.exitCode, result.stderr).toBe(0);
    expect(await withLog(restored, digestsOf)).toEqual(await withLog(system, digestsOf));
    const states = await withLog(restored, statesOf);
    expect(states.length).toBeGreaterThan(48);
    expect(states).toEqual(await withLog(system, statesOf));
    const topic = "ops.control.v1";
    await withLog(restored, async (log) => {
      await log.commit({ appends: [{ topic, partition: 0, key: "x", value: null, headers: {} }] });
    });
    expect(await withLog(restored, (log) => log.endOffset(topic, 0))).toBe(1);
    expect(readdirSync(restored)).toEqual(["log"]);
  });

  it("copies one commit whole while another process goes on writing", async () => {
    const busy = directory.at("busy");
    const topics = ["ops.control.v1", "market.news.v1"];
    const ends = await withLog(busy, async (log) => {
      const append = () =>
        log.commit({
          appends: topics.map((topic) => ({
            ...{ topic, partition: 0, key: "x", headers: {} },
            value: new Uint8Array(1_000),
          })),
        });
      for (let written = 0; written < 200; written += 1) await append();
      let isDone = false;
      const copying = backup(directory.at("busy-copy"), busy).finally(() => {
        isDone = true;
      });
      let during = 0;
      for (; !isDone; during += 1) await append();
      const result = await copying;
      expect(result.exitCode, result.stderr).toBe(0);
      return 200 + during;
    });
    expect((await restore(directory.at("busy-copy"), directory.at("busy-restored"))).exitCode).toBe(
      0,
    );
    const copied = await withLog(directory.at("busy-restored"), (log) =>
      Promise.all(topics.map((topic) => log.endOffset(topic, 0))),
    );
    // Both topics are written by every commit: a copy of one commit has as much of either.
    expect(copied[0]).toBe(copied[1]);
    expect(copied[0]).toBeGreaterThanOrEqual(200);
    expect(copied[0]).toBeLessThanOrEqual(ends);
  });

  it("can be looked at like a data directory", async () => {
    const copy = directory.at("looked-at");
    expect((await backup(copy)).exitCode).toBe(0);
    const { exitCode, stdout } = await runCommand(["topics", "--data-dir", copy]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^discovery\.run\.v1 .+ [1-9]\d* +0 /m);
  });

  it("refuses a target that holds anything, and overwrites nothing", async () => {
    const copy = directory.at("again");
    expect((await backup(copy)).exitCode).toBe(0);
    const repeated = await backup(copy);
    expect(repeated.exitCode).toBe(64);
    expect(repeated.stderr).toMatch(/^amc: .+again already holds /);
    const onto = await restore(copy, system);
    expect(onto.exitCode).toBe(64);
    expect(onto.stderr).toContain(`${system} already holds log, and nothing is overwritten`);
  });

  it("refuses a backup that is damaged or incomplete, and leaves nothing behind", async () => {
    const copy = directory.at("damaged");
    const target = directory.at("target");
    expect((await backup(copy)).exitCode).toBe(0);
    appendFileSync(directory.at("damaged", "log", "log.sqlite"), Uint8Array.of(0));
    const damaged = await restore(copy, target);
    expect(damaged.exitCode).toBe(1);
    expect(damaged.stderr).toMatch(/^amc: the backup is damaged: .+log\.sqlite has SHA-256/);
    rmSync(directory.at("damaged", "backup.json"));
    const incomplete = await restore(copy, target);
    expect(incomplete.exitCode).toBe(66);
    expect(incomplete.stderr).toContain("is no complete backup");
    expect(readdirSync(directory.path)).not.toContain("target");
  });
});
