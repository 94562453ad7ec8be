import { type ChildProcess, spawn } from "node:child_process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isAlive, readCommandLine, readStartSeconds, readStartToken } from "./process-identity.ts";

const platform = process.platform;

let child: ChildProcess;

beforeEach(() => {
  child = spawn("sleep", ["600"], { stdio: "ignore" });
});

afterEach(() => {
  child.kill("SIGKILL");
  pretendPlatform(platform);
});

/** Elsewhere there is no /proc, and `ps` is asked. */
function pretendPlatform(name: NodeJS.Platform): void {
  Object.defineProperty(process, "platform", { value: name, configurable: true });
}

const ways = platform === "linux" ? (["linux", "darwin"] as const) : ([platform] as const);

describe.each(ways)("a process as seen the way of %s", (name) => {
  beforeEach(() => pretendPlatform(name));

  it("keeps its identity while it lives and has none afterwards", async () => {
    const pid = child.pid ?? 0;
    const startToken = readStartToken(pid);
    expect(startToken).not.toBeNull();
    const identity = { pid, startToken: startToken ?? "" };
    expect(isAlive(identity)).toBe(true);
    const exited = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await exited;
    expect(isAlive(identity)).toBe(false);
    expect(readStartToken(pid)).toBeNull();
    expect(readStartSeconds(pid)).toBeNull();
  });

  it("is another one when it started at another time", () => {
    const pid = child.pid ?? 0;
    expect(isAlive({ pid, startToken: "another start" })).toBe(false);
  });

  it("names its program with the arguments", async () => {
    // Between fork and exec it has the command line of its parent.
    await expect.poll(() => readCommandLine(child.pid ?? 0)).toBe("sleep 600");
  });
});

describe.skipIf(platform !== "linux")("both ways (needs /proc beside ps)", () => {
  it("agree on when a process started, to the second that ps has", () => {
    const pid = child.pid ?? 0;
    const byProc = readStartSeconds(pid) ?? 0;
    pretendPlatform("darwin");
    expect(Math.abs((readStartSeconds(pid) ?? 0) - byProc)).toBeLessThanOrEqual(1.5);
  });
});
