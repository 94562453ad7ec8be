import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive, ownIdentity } from "@amc/platform/postgres/process-identity";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeHome, type StackHome, stackHome } from "../home.ts";
import { markedProcesses } from "./marks.ts";
import { runningProcess, runningProcesses, writeRecord } from "./records.ts";
import { becomesReady, startProcess } from "./start.ts";
import { stopProcess, stopUnrecorded } from "./stop.ts";

let home: StackHome;

beforeEach(() => {
  home = stackHome(mkdtempSync(join(tmpdir(), "amc-processes-")));
  makeHome(home);
});

afterEach(async () => {
  await stopUnrecorded(home);
  rmSync(home.root, { recursive: true });
});

const shell = (script: string, waitMs = 10_000) => ({
  name: "server",
  command: "/bin/sh",
  args: ["-c", script],
  stop: { signal: "SIGTERM", waitMs } as const,
  discard: null,
});

const REFUSES_TO_END = "trap '' TERM; echo trapped; while :; do sleep 1; done";

/** What the process has said so far. */
const said = () => readFileSync(join(home.logs, "server.log"), "utf8");

describe("a process of the stack", () => {
  it("is recorded while it lives, and its words are in its log", async () => {
    const record = await startProcess(home, shell("echo ready; exec sleep 600"));
    await becomesReady(home, record, 10_000, async () => said().includes("ready"));
    expect(runningProcesses(home)).toEqual([record]);
    expect(await stopProcess(home, record, false)).toBe(false);
    expect(isAlive(record)).toBe(false);
    expect(runningProcesses(home)).toEqual([]);
  });

  it("is killed when it does not end in its time, and what it started too", async () => {
    const record = await startProcess(home, shell(REFUSES_TO_END, 50));
    await becomesReady(home, record, 10_000, async () => said().includes("trapped"));
    expect(await stopProcess(home, record, false)).toBe(true);
    expect(isAlive(record)).toBe(false);
    await stopUnrecorded(home);
    expect(markedProcesses(home)).toEqual([]);
  });

  it("is not asked first when its data goes anyway", async () => {
    const record = await startProcess(home, shell(REFUSES_TO_END, 600_000));
    expect(await stopProcess(home, record, true)).toBe(false);
    expect(isAlive(record)).toBe(false);
  });

  it("that ends before it is ready is named with its last words", async () => {
    const start = async () => {
      const record = await startProcess(home, shell("echo the port is taken; exit 3"));
      await becomesReady(home, record, 10_000, async () => false);
    };
    await expect(start()).rejects.toMatchObject({
      code: "stack.start-failed",
      message: expect.stringContaining("the port is taken"),
      facts: { part: "server" },
    });
  });

  it("that cannot be started is named", async () => {
    const spec = { ...shell(""), command: "/nowhere/server" };
    await expect(startProcess(home, spec)).rejects.toMatchObject({
      code: "stack.start-failed",
      facts: { path: "/nowhere/server" },
    });
  });

  it("is not a later process that has the same number", () => {
    const own = ownIdentity();
    writeRecord(home, {
      name: "server",
      pid: own.pid,
      startToken: "another boot:1",
      stop: { signal: "SIGTERM", waitMs: 1 },
      discard: null,
    });
    expect(runningProcess(home, "server")).toBeNull();
    expect(runningProcesses(home)).toEqual([]);
  });
});
