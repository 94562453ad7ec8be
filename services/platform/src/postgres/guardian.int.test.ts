import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type EmbeddedServer, startEmbeddedServer } from "./embedded-server.ts";
import { readServerRecord } from "./ownership.ts";
import { hasEnded } from "./postmaster.ts";
import { isAlive, type ProcessIdentity, readStartToken } from "./process-identity.ts";

const FIXTURE = fileURLToPath(new URL("./server-process.fixture.ts", import.meta.url));
const DEADLINE_MS = 20_000;

/** A server in a process of its own, with everything that a test may kill. */
interface Family {
  readonly parentProcess: ChildProcess;
  readonly parent: ProcessIdentity;
  readonly guardian: ProcessIdentity;
  readonly postmaster: ProcessIdentity;
  readonly dataDirectory: string;
}

const demanded = process.env.AMC_POSTGRES;
const binaries = demanded === "system" ? "system" : "embedded";

let home: string;
const families: Family[] = [];
const servers: EmbeddedServer[] = [];

beforeEach(() => {
  home = join(tmpdir(), `amc-guardian-${randomUUID().slice(0, 8)}`);
});

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
  for (const family of families.splice(0)) {
    kill(family.parent);
    await hasEnded(family.guardian, DEADLINE_MS);
  }
  rmSync(home, { recursive: true, force: true });
});

async function startFamily(): Promise<Family> {
  const parentProcess = spawn(process.execPath, [FIXTURE, home, binaries], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: parentProcess.stdout });
  const [first] = await lines[Symbol.asyncIterator]()
    .next()
    .then(({ value }) => [String(value)]);
  const line = JSON.parse(first ?? "null");
  const family = {
    parentProcess,
    parent: identify(parentProcess.pid),
    guardian: identify(line.guardian),
    postmaster: identify(line.postmaster),
    dataDirectory: String(line.dataDirectory),
  };
  families.push(family);
  return family;
}

async function startHere(): Promise<EmbeddedServer> {
  const server = await startEmbeddedServer({ home, binaries });
  servers.push(server);
  return server;
}

function identify(pid: number | null | undefined): ProcessIdentity {
  const startToken = readStartToken(pid ?? 0);
  if (startToken === null) throw new Error(`process ${pid} does not live`);
  return { pid: pid ?? 0, startToken };
}

function kill(target: ProcessIdentity): void {
  if (isAlive(target)) process.kill(target.pid, "SIGKILL");
}

describe("when the parent is killed", () => {
  it("the guardian stops the server cleanly and ends", async () => {
    const family = await startFamily();
    kill(family.parent);
    expect(await hasEnded(family.guardian, DEADLINE_MS)).toBe(true);
    expect(isAlive(family.postmaster)).toBe(false);
    // A server that was killed leaves its lock file behind.
    expect(existsSync(join(family.dataDirectory, "postmaster.pid"))).toBe(false);
  });

  it("the next start waits for the guardian and has the server to itself", async () => {
    const family = await startFamily();
    kill(family.parent);
    const server = await startHere();
    expect(isAlive(family.guardian)).toBe(false);
    expect(isAlive(family.postmaster)).toBe(false);
    expect(server.processIds().postmaster).not.toBe(family.postmaster.pid);
  });
});

describe("when the guardian is killed", () => {
  it("another takes the running server over, and still stops it when the parent dies", async () => {
    const family = await startFamily();
    kill(family.guardian);
    await expect
      .poll(() => readServerRecord(home)?.guardian.pid, { timeout: DEADLINE_MS })
      .not.toBe(family.guardian.pid);
    const second = identify(readServerRecord(home)?.guardian.pid);
    expect(isAlive(family.postmaster)).toBe(true);
    kill(family.parent);
    expect(await hasEnded(second, DEADLINE_MS)).toBe(true);
    expect(isAlive(family.postmaster)).toBe(false);
  });

  it("and then the parent, no process is left", async () => {
    const family = await startFamily();
    kill(family.guardian);
    await hasEnded(family.guardian, DEADLINE_MS);
    kill(family.parent);
    await hasEnded(family.parent, DEADLINE_MS);
    await expectNothingAfterNextStart(family);
  });
});

describe("when both are killed", () => {
  it("the next start stops the server they left and starts its own", async () => {
    const family = await startFamily();
    // The parent first: it would start another guardian.
    kill(family.parent);
    kill(family.guardian);
    await hasEnded(family.parent, DEADLINE_MS);
    await expectNothingAfterNextStart(family);
  });

  it("and the server too, the next start recovers the data", async () => {
    const family = await startFamily();
    for (const target of [family.parent, family.guardian, family.postmaster]) kill(target);
    await hasEnded(family.postmaster, DEADLINE_MS);
    await expectNothingAfterNextStart(family);
  });
});

describe("after kills of any of the three in any order", () => {
  const members = ["parent", "guardian", "postmaster"] as const;
  const kills = fc.sample(fc.shuffledSubarray([...members]), { numRuns: 12, seed: 20_210_113 });

  it("each start has the one server of the data directory", { timeout: 180_000 }, async () => {
    for (const victims of kills) {
      const family = await startFamily();
      // Polled, because a child that has just been forked still has the postmaster's command line.
      await expect
        .poll(() => postmastersOf(family.dataDirectory), { message: victims.join() })
        .toEqual([family.postmaster.pid]);
      for (const victim of victims) kill(family[victim]);
      kill(family.parent);
      await hasEnded(family.parent, DEADLINE_MS);
    }
    const server = await startHere();
    await server.stop();
    expect(postmastersOf(server.placement.dataDirectory)).toEqual([]);
  });
});

/** By the process table, not by what our own code believes. */
function postmastersOf(dataDirectory: string): number[] {
  const table = execFileSync("ps", ["-ww", "-eo", "pid=,args="], { encoding: "utf8" });
  return table
    .split("\n")
    .filter((line) => line.includes(`postgres -D ${dataDirectory} `))
    .map((line) => Number.parseInt(line, 10));
}

describe("when the parent ends in an orderly way", () => {
  it("server and guardian are gone before it is", async () => {
    const family = await startFamily();
    const exited = new Promise((resolve) => family.parentProcess.once("exit", resolve));
    family.parentProcess.stdin?.end();
    expect(await exited).toBe(0);
    expect([family.guardian, family.postmaster].map(isAlive)).toEqual([false, false]);
  });
});

async function expectNothingAfterNextStart(family: Family): Promise<void> {
  const server = await startHere();
  const now = server.processIds();
  expect(isAlive(family.guardian)).toBe(false);
  expect(isAlive(family.postmaster)).toBe(false);
  await server.stop();
  const after = [now.guardian, now.postmaster].map((pid) => readStartToken(pid ?? 0));
  expect(after).toEqual([null, null]);
}
