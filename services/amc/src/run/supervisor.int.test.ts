import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { EXIT } from "../exit-codes.ts";
import { type Restart, supervise } from "./supervisor.ts";

/** A process that says that it is there when its program has begun. */
function spawnProgram(program: string): ChildProcess {
  return spawn(process.execPath, ["-e", `${program}; console.log("here")`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

const SERVES = "setInterval(() => {}, 1000); process.once('SIGTERM', () => process.exit(0))";

describe("the supervisor of several instances", () => {
  it("starts an instance again that was killed, and ends all at the signal", async () => {
    const stop = new AbortController();
    const children: ChildProcess[] = [];
    const restarts: Restart[] = [];
    const supervised = supervise(
      {
        instances: 2,
        spawn: (instance) => {
          const child = spawnProgram(SERVES);
          children.push(child);
          child.stdout?.once("data", () => {
            if (children.length === 2 && instance === 1) child.kill("SIGKILL");
            if (children.length === 3) stop.abort();
          });
          return child;
        },
        onRestart: (restart) => restarts.push(restart),
        random: () => 1,
      },
      stop.signal,
    );
    expect(await supervised).toBe(EXIT.ok);
    expect(restarts).toEqual([
      { instance: 1, pid: children[1]?.pid, end: "SIGKILL", inMs: expect.any(Number) },
    ]);
    expect(children.map(({ exitCode }) => exitCode)).toEqual([0, null, 0]);
  });

  it("waits longer after every death, and does not start again what no restart mends", async () => {
    const ends = ["process.exit(70)", "process.exit(70)", "process.exit(70)", "process.exit(78)"];
    const waits: number[] = [];
    const code = await supervise(
      {
        instances: 1,
        spawn: () => spawnProgram(ends.shift() ?? SERVES),
        onRestart: ({ inMs }) => waits.push(inMs),
        random: () => 1,
      },
      new AbortController().signal,
    );
    expect(code).toBe(EXIT.config);
    expect(waits).toEqual([100, 200, 400]);
  });

  it("ends the others when one cannot be mended, and kills who does not listen", async () => {
    const deaf = spawnProgram("process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)");
    if (deaf.stdout !== null) await once(deaf.stdout, "data");
    const code = await supervise(
      {
        instances: 2,
        spawn: (instance) => (instance === 0 ? deaf : spawnProgram("process.exit(64)")),
        onRestart: () => undefined,
        drainMs: 50,
      },
      new AbortController().signal,
    );
    expect(code).toBe(EXIT.usage);
    expect(deaf.signalCode).toBe("SIGKILL");
  });

  it("is done when all instances are", async () => {
    const options = {
      instances: 3,
      spawn: () => spawnProgram(""),
      onRestart: () => undefined,
    };
    expect(await supervise(options, new AbortController().signal)).toBe(EXIT.ok);
  });
});
