import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ownIdentity } from "@amc/platform/postgres/process-identity";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeHome, type StackHome, stackHome } from "./home.ts";
import { withHomeLock } from "./home-lock.ts";
import { choosePort, LOOPBACK, readPorts } from "./ports.ts";

let home: StackHome;

beforeEach(() => {
  home = stackHome(mkdtempSync(join(tmpdir(), "amc-home-")));
  makeHome(home);
});

afterEach(() => {
  rmSync(home.root, { recursive: true });
});

const lockPath = () => join(home.run, "operation.lock");
const tellNobody = () => undefined;

describe("work on a home", () => {
  it("is done by one at a time, and the second is told whom it waits for", async () => {
    const order: string[] = [];
    const waits: number[] = [];
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const first = withHomeLock(home, tellNobody, async () => {
      order.push("first begins");
      await gate;
      order.push("first ends");
    });
    const second = withHomeLock(
      home,
      (pid) => {
        waits.push(pid);
        open();
      },
      async () => void order.push("second"),
    );
    await Promise.all([first, second]);
    expect(order).toEqual(["first begins", "first ends", "second"]);
    expect(waits).toEqual([process.pid]);
    expect(existsSync(lockPath())).toBe(false);
  });

  it.each([
    ["died at it", JSON.stringify({ ...ownIdentity(), startToken: "gone" })],
    ["was cut off while it wrote its name", '{"pid":'],
  ])("goes on when whoever had it %s", async (_, left) => {
    writeFileSync(lockPath(), left);
    expect(await withHomeLock(home, tellNobody, async () => "done")).toBe("done");
  });

  it("is free again after it failed", async () => {
    const failing = withHomeLock(home, tellNobody, () => Promise.reject(new Error("broken")));
    await expect(failing).rejects.toThrow("broken");
    expect(existsSync(lockPath())).toBe(false);
  });
});

describe("a port", () => {
  it("is another for each part, also of parts that choose at once, and stays", async () => {
    const names = ["a", "b", "c", "d", "e"];
    const chosen = await Promise.all(names.map((name) => choosePort(home, name)));
    expect(new Set(chosen).size).toBe(names.length);
    expect(Object.values(readPorts(home))).toEqual(chosen);
    expect(await choosePort(home, "c")).toBe(chosen[2]);
  });

  it("is the well-known one unless somebody else listens there", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stranger = createServer().listen(0, LOOPBACK, resolve);
    await promise;
    const address = stranger.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    const wish = { named: undefined, wellKnown: port };
    expect(await choosePort(home, "before", wish)).not.toBe(port);
    const { promise: closed, resolve: onClose } = Promise.withResolvers<void>();
    stranger.close(() => onClose());
    await closed;
    expect(await choosePort(home, "after", wish)).toBe(port);
  });
});
