import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readServerRecord } from "@amc/platform/postgres/ownership";
import { isAlive, type ProcessIdentity } from "@amc/platform/postgres/process-identity";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dataDirectoryAt } from "./operations/data-directory.ts";
import { databaseHomes } from "./operations/database-access.ts";
import { jsonLines, runCommand } from "./testing/run-command.ts";
import { minuteRow, writeSmallRecording } from "./testing/small-recording.ts";

const MAIN = join(fileURLToPath(import.meta.url), "../main.ts");

interface Finished {
  readonly code: number | null;
  readonly lines: readonly Readonly<Record<string, unknown>>[];
}

function spawnStart(dataDirectory: string, ...more: string[]): ChildProcess {
  const words = ["start", "--data-dir", dataDirectory, "--port", "0", "--json", ...more];
  return spawn(process.execPath, [MAIN, ...words], { stdio: ["ignore", "pipe", "pipe"] });
}

async function finish(child: ChildProcess): Promise<Finished> {
  let output = "";
  child.stdout?.on("data", (chunk) => {
    output += chunk;
  });
  const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
  const lines = output
    .trim()
    .split("\n")
    .filter((line) => line !== "");
  return { code, lines: lines.map((line) => JSON.parse(line)) };
}

const ofType = (run: Finished, type: string) => run.lines.filter((line) => line.type === type);

/** Files of a database that are there while somebody owns it or its server runs. */
function leftBehind(data: string): string[] {
  const homes = databaseHomes(dataDirectoryAt(data));
  return homes.flatMap((cwd) => globSync(["owner.json", "*/postmaster.pid"], { cwd }));
}

/** A database's guardian and server, as soon as it has both. */
function serversOf(data: string): ProcessIdentity[] {
  return databaseHomes(dataDirectoryAt(data)).flatMap((home) => {
    const { guardian, postmaster = null } = readServerRecord(home) ?? {};
    return guardian === undefined || postmaster === null ? [] : [guardian, postmaster];
  });
}

/** A start that opens, and by now `isThere`; `ended` expects that it ends well and has never served. */
async function startUntil(isThere: () => boolean, data: string) {
  const child = spawnStart(data);
  const finished = finish(child);
  await expect.poll(isThere, { timeout: 60_000, interval: 10 }).toBe(true);
  const ended = async (): Promise<void> => {
    const run = await finished;
    expect(run.code).toBe(0);
    expect(ofType(run, "serving")).toEqual([]);
  };
  return { pressCtrlC: () => child.kill("SIGINT"), ended };
}

describe("npm start", () => {
  let directory = "";

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "amc-start-"));
  });

  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  it("plays the built-in case to a recommendation and its alert, and a second start repeats nothing", async () => {
    const data = join(directory, "twice");
    const first = await finish(spawnStart(data, "--exit-when-done"));
    expect(first.code).toBe(0);
    expect(ofType(first, "recommendation")).toHaveLength(1);
    expect(ofType(first, "recommendation")[0]).toMatchObject({
      symbol: "GME",
      label: "trade_ready",
      happenedAt: "2021-01-13T15:00:00.000Z",
    });
    expect(ofType(first, "alert")).toHaveLength(1);
    expect(ofType(first, "summary")).toHaveLength(1);

    const second = await finish(spawnStart(data, "--exit-when-done"));
    expect(second.code).toBe(0);
    expect(ofType(second, "recommendation")).toEqual([]);
    expect(ofType(second, "alert")).toEqual([]);
    expect(ofType(second, "summary")[0]).toMatchObject({ deadLetters: 0 });
  });

  it("says where its database is, what it refused, and that nothing is new only when it was played", async () => {
    const data = join(directory, "small");
    const rows = [minuteRow(0), minuteRow(1), "no,row,of,six,columns,1"];
    const recording = writeSmallRecording(directory, { name: "small", rows });
    const words = ["start", ...recording, "--data-dir", data, "--port", "0", "--exit-when-done"];
    const first = await runCommand(words);
    expect(first.exitCode, first.stderr).toBe(0);
    const [, home = ""] = /^PostgreSQL \d+ in (.+); page and API at /m.exec(first.stderr) ?? [];
    expect(existsSync(join(home, "credentials.json"))).toBe(true);
    expect(first.stdout).toContain(
      "0 discovery runs, no recommendation, 0 alerts\n2 facts in the log",
    );
    expect(first.stdout).toMatch(/^ {2}refused as [\w.]+: 1 row small\.csv:3:1: /m);

    const second = await runCommand(words);
    expect(second.exitCode, second.stderr).toBe(0);
    expect(second.stdout).toContain("Nothing new: the recording was played before this start.");

    const [status] = jsonLines(await runCommand(["status", "--data-dir", data, "--json"]));
    expect(status).toMatchObject({ databaseHomes: [home] });
    // As root it may lie in a shared directory, which the test's own clean-up does not reach.
    await rm(home, { recursive: true, force: true });
  });

  it("serves on after the summary where it said it would, and ends cleanly on SIGTERM", async () => {
    const data = join(directory, "served");
    const child = spawnStart(data);
    const finished = finish(child);
    let errors = "";
    child.stderr?.on("data", (chunk) => {
      errors += chunk;
    });
    await new Promise<void>((resolve) => {
      let seen = "";
      child.stdout?.on("data", (chunk) => {
        seen += chunk;
        if (seen.includes('"type":"summary"')) resolve();
      });
    });
    const [status] = jsonLines(await runCommand(["status", "--data-dir", data, "--json"]));
    child.kill("SIGTERM");
    const run = await finished;
    expect(run.code).toBe(0);
    // A port that nobody chose is known to a script, a person and another command alike.
    const [{ address } = { address: null }] = ofType(run, "serving");
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(errors).toContain(`page and API at ${String(address)}\n`);
    expect(status).toMatchObject({ running: true, api: address });
  });

  it("ends with nothing left behind when Ctrl-C comes while it opens", async () => {
    const data = join(directory, "opening");
    const isRunning = async () =>
      jsonLines(await runCommand(["status", "--data-dir", data, "--json"]))[0]?.running;
    // The log comes first, then the server, which is made and started for seconds.
    const first = await startUntil(() => existsSync(join(data, "log")), data);
    first.pressCtrlC();
    await first.ended();
    expect(leftBehind(data)).toEqual([]);
    expect(await isRunning()).toBe(false);

    const second = await startUntil(() => serversOf(data).length > 0, data);
    const servers = serversOf(data);
    // Its guardian stops a server that was left, too, and who starts next stops it by itself. While the
    // guardian is held, a start that did not wait for it would be over.
    const guardian = servers[0]?.pid ?? Number.NaN;
    process.kill(guardian, "SIGSTOP");
    try {
      second.pressCtrlC();
      expect(await isRunning()).toBe(true);
    } finally {
      process.kill(guardian, "SIGCONT");
    }
    await second.ended();
    expect(servers.filter(isAlive)).toEqual([]);
    expect(leftBehind(data)).toEqual([]);
    expect(await isRunning()).toBe(false);

    const next = await finish(spawnStart(data, "--exit-when-done"));
    expect(next.code).toBe(0);
    expect(ofType(next, "recommendation")).toHaveLength(1);
  }, 180_000);

  it("refuses a data directory that another process writes, and says so in one line", async () => {
    const data = join(directory, "locked");
    const holder = spawnStart(data);
    const ended = finish(holder);
    await new Promise<void>((resolve) => holder.stdout?.once("data", () => resolve()));
    const second = spawnStart(data, "--exit-when-done");
    let errors = "";
    second.stderr?.on("data", (chunk) => {
      errors += chunk;
    });
    expect((await finish(second)).code).not.toBe(0);
    expect(errors).toContain("log.locked");
    holder.kill("SIGTERM");
    await ended;
  });

  it("exits 78 and names every wrong variable before anything is started", async () => {
    const child = spawn(process.execPath, [MAIN, "start", "--data-dir", join(directory, "never")], {
      env: { ...process.env, PORT: "many", SCORING_STRATEGY: "guess" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let errors = "";
    child.stderr?.on("data", (chunk) => {
      errors += chunk;
    });
    expect((await finish(child)).code).toBe(78);
    expect(errors).toContain("PORT");
    expect(errors).toContain("SCORING_STRATEGY");
    expect(errors).not.toContain("guess");
  });
});
