import { spawn } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import { decodeRecord } from "@amc/platform/runtime/decode-record";
import { recordsOf } from "@amc/replay/log-digests";
import type { Run } from "@amc/schemas/generated/events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EXIT } from "../exit-codes.ts";
import type { System } from "../system.ts";
import { jsonLines, runCommand } from "../testing/run-command.ts";
import { TestDirectory } from "../testing/simulated-system.ts";
import { playBuiltIn, systemOnDatabase } from "../testing/system-on-database.ts";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));
/** In the first hour of the built-in case, after its first runs. */
const HALF_WAY = Date.parse("2021-01-13T15:00:00Z");
const CONTROL = "ops.control.v1";

let directory: TestDirectory;
beforeEach(() => {
  directory = new TestDirectory();
});
afterEach(() => directory.dispose());

const control = (...words: readonly string[]) =>
  runCommand(["control", ...words, "--data-dir", directory.path]);

describe("amc control beside a running system", () => {
  let database: TestDatabase;
  let system: System;

  beforeEach(async () => {
    database = await startTestPostgres();
    system = await systemOnDatabase(directory.path, database);
  });
  afterEach(async () => {
    await system.stop();
    await database.drop();
  });

  /** Plays the built-in case on until a tick at or after `untilMs`, and waits for the stages. */
  async function play(untilMs?: number): Promise<void> {
    await playBuiltIn(system, untilMs);
    while ((await system.processor.lag()) > 0) {
      await Promise.race([new Promise(setImmediate), system.ended]);
    }
  }

  async function presets(): Promise<string[]> {
    const found: Run[] = [];
    for await (const record of recordsOf(system.log, "discovery.run.v1")) {
      const decoded = decodeRecord(record, false);
      if (decoded.ok && decoded.event.topic === "discovery.run.v1") found.push(decoded.event.value);
    }
    return found.sort((a, b) => a.slot - b.slot).map(({ preset }) => preset);
  }

  it("hands the setting over, and the next run uses it without a restart", async () => {
    await play(HALF_WAY);
    const before = await presets();
    expect(before.length).toBeGreaterThan(0);
    const result = await control("preset", "catalyst_heavy", "--reason", "a test", "--json");
    expect(result.exitCode, result.stderr).toBe(EXIT.ok);
    expect(jsonLines(result)).toEqual([
      {
        ...{ type: "control", setting: "preset", value: "catalyst_heavy" },
        ...{ actor: "operator", reason: "a test", publishedBy: process.pid },
        publishedAt: expect.stringMatching(/^2021-01-13T15:\d\d:00\.001Z$/),
      },
    ]);
    for (let partition = 0; partition < system.log.partitions(CONTROL); partition += 1) {
      expect(await system.log.endOffset(CONTROL, partition)).toBe(1);
    }

    await play();
    const after = (await presets()).slice(before.length);
    expect(before).toEqual(before.map(() => "balanced_default"));
    expect(after.length).toBeGreaterThan(0);
    expect(after).toEqual(after.map(() => "catalyst_heavy"));
  });

  it("keeps settings that are given at once in one order, every one in every partition", async () => {
    await play(HALF_WAY);
    const values = ["squeeze_aggressive", "catalyst_heavy", "balanced_default"];
    const results = await Promise.all(
      values.map((value) => control("preset", value, "--reason", "a test", "--json")),
    );
    const told = results.flatMap(jsonLines).map(({ publishedAt }) => publishedAt);
    expect(new Set(told).size).toBe(values.length);
    const orders = new Set<string>();
    for (let partition = 0; partition < system.log.partitions(CONTROL); partition += 1) {
      const limits = { maxRecords: 10, maxBytes: 10_000 };
      const records = await system.log.read(CONTROL, partition, 0, limits);
      orders.add(records.map(({ headers }) => headers.ce_id).join());
      expect(records).toHaveLength(values.length);
    }
    expect(orders.size).toBe(1);
  });

  it("changes nothing before the first tick, and says so as it does while nothing runs", async () => {
    const { exitCode, stderr } = await control("preset", "catalyst_heavy", "--reason", "x");
    expect(exitCode).toBe(EXIT.failed);
    expect(stderr).toContain("no clock tick");
    expect(await system.log.endOffset(CONTROL, 0)).toBe(0);
  });

  it("shows its token to nobody else, and takes it away when it ends", async () => {
    const door = directory.at("control.json");
    expect(statSync(door).mode & 0o777).toBe(0o600);
    expect(readFileSync(door, "utf8")).toContain(system.address);
    await system.stop();
    expect(existsSync(door)).toBe(false);
  });
});

describe("amc control beside npm start", () => {
  it("is taken by the running process and listed; without it the command does it alone", async () => {
    const words = ["start", "--data-dir", directory.path, "--port", "0", "--json"];
    const started = spawn(process.execPath, [MAIN, ...words], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const ended = new Promise<number | null>((resolve) => started.once("exit", resolve));
    started.stderr.resume();
    for await (const line of createInterface({ input: started.stdout })) {
      if (line.includes('"type":"summary"')) break;
    }
    started.stdout.resume();

    const taken = await control("preset", "catalyst_heavy", "--reason", "a test");
    expect(taken.exitCode, taken.stderr).toBe(EXIT.ok);
    expect(taken.stdout).toMatch(/^preset is catalyst_heavy from the tick after 2021-01-13T15:30/);
    expect(taken.stderr).toContain(`npm start (process ${started.pid}) took it`);
    started.kill("SIGTERM");
    expect(await ended).toBe(0);

    const alone = await control("strategy", "hybrid_v1", "--reason", "a test");
    expect(alone.exitCode, alone.stderr).toBe(EXIT.ok);
    expect(alone.stdout).toMatch(/^strategy is hybrid_v1 from the tick after 2021-01-13T15:30/);
    const listed = jsonLines(await control("list", "--json"));
    for (const [setting, value] of [
      ["preset", "catalyst_heavy"],
      ["strategy", "hybrid_v1"],
    ]) {
      expect(listed.find((line) => line.setting === setting)).toMatchObject({ value });
    }
  });
});
