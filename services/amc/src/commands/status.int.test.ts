import { appendFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadOrCreateCredentials } from "@amc/platform/postgres/credentials";
import { useFallbackHome } from "@amc/platform/postgres/fallback-home";
import { sharedDirectories } from "@amc/platform/postgres/owned-directory";
import { encodeEvent } from "@amc/schemas/codec";
import { eventHeaders } from "@amc/schemas/headers";
import { uuidOf } from "@amc/streams/kernel/ids";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dataDirectoryAt } from "../operations/data-directory.ts";
import { jsonLines, runCommand } from "../testing/run-command.ts";
import { openTestLog, TestDirectory, writeSimulatedSystem } from "../testing/simulated-system.ts";

const directory = new TestDirectory();
beforeAll(() => writeSimulatedSystem(directory.path));
afterAll(() => directory.dispose());

const status = (...words: string[]) =>
  runCommand(["status", "--data-dir", directory.path, ...words]);

async function appendTick(at: string): Promise<void> {
  const happenedAt = Date.parse(at);
  const topic = "ops.clock.v1";
  const log = await openTestLog(directory.path);
  const value = encodeEvent(topic, { happenedAt, cuts: [], discovery: false, source: "test" });
  const headers = eventHeaders({ id: uuidOf(at), source: "/amc/test", topic, happenedAt });
  await log.commit({ appends: [{ topic, partition: 1, key: null, value, headers }] });
  await log.close();
}

describe("amc status", () => {
  it("tells what was processed last, and that nobody runs it", async () => {
    const result = await status("--json");
    expect(result.exitCode, result.stderr).toBe(0);
    const lines = jsonLines(result);
    expect(lines[0]).toMatchObject({
      ...{ type: "status", running: false, pid: null, api: null, deadLetters: 0 },
      lastTick: "2025-03-14T14:31:00.000Z",
      tables: "their server runs only while npm start does",
    });
    const runs = lines.filter(({ type }) => type === "run");
    expect(runs).toMatchObject([{ slot: "2025-03-14T14:30:00.000Z", universe: 48 }]);
    const stages = lines.filter(({ type }) => type === "stage");
    expect(stages.map(({ records }) => records)).toEqual([0, 0, 0, 0, 0, 0]);
    const [scheduler] = lines.filter(({ type }) => type === "scheduler");
    expect(scheduler).toMatchObject({ state: "none", lastTick: null });
    expect((await status()).stdout).toMatch(/^scheduler +none has published/m);
  });

  it("says where the database is, also when that is not the data directory", async () => {
    expect(jsonLines(await status("--json"))[0]).toMatchObject({ databaseHomes: [] });
    expect((await status()).stdout).toMatch(/^database +none yet$/m);
    const [shared = tmpdir()] = sharedDirectories(null);
    const home = useFallbackHome(shared, dataDirectoryAt(directory.path).postgres, 0o700);
    try {
      loadOrCreateCredentials(home);
      expect(jsonLines(await status("--json"))[0]).toMatchObject({ databaseHomes: [home] });
      expect((await status()).stdout).toMatch(new RegExp(`^database +${home}$`, "m"));
      // A later version may write more than the place into it.
      appendFileSync(join(home, "origin"), "\nmark");
      expect(jsonLines(await status("--json"))[0]).toMatchObject({ databaseHomes: [home] });
    } finally {
      rmSync(home, { recursive: true });
    }
  });

  it("counts what a partition has not taken, and names the process that writes", async () => {
    await appendTick("2025-03-14T14:32:00Z");
    await appendTick("2025-03-14T14:33:00Z");
    const owned = await openTestLog(directory.path);
    try {
      const lines = jsonLines(await status("--json"));
      expect(lines[0]).toMatchObject({ running: true, pid: process.pid });
      expect(lines[0]).toMatchObject({ lastTick: "2025-03-14T14:33:00.000Z" });
      const behind = lines.filter(({ type, records }) => type === "stage" && records !== 0);
      expect(behind).toEqual([
        {
          ...{ type: "stage", subtopology: "signals", partition: 1, records: 2 },
          eventTimeBehindMs: 60_000,
          waitingSince: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        },
      ]);
      const { stdout } = await status();
      expect(stdout).toMatch(new RegExp(`^process +${process.pid} writes here`, "m"));
      expect(stdout).toMatch(/^stages +signals\/1 lags 2 \(60 s of event time\)$/m);
    } finally {
      await owned.close();
    }
    expect(jsonLines(await status("--json"))[0]).toMatchObject({ running: false });
  });
});
