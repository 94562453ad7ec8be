import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { jsonLines, runCommand } from "../testing/run-command.ts";
import { TestDirectory } from "../testing/simulated-system.ts";

let directory: TestDirectory;
beforeEach(() => {
  directory = new TestDirectory();
});
afterEach(() => directory.dispose());

describe("amc rebuild", () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await startTestPostgres();
  });
  afterEach(() => database.drop());

  const amc = (...words: string[]) =>
    runCommand([...words, "--data-dir", directory.path, "--json"], {
      DATABASE_URL: database.url("migrator"),
      PORT: "0",
    });

  async function price(): Promise<unknown> {
    const { rows } = await database.pool("api").query("SELECT price FROM recommendations");
    return rows[0]?.price;
  }

  it("finds the row that was changed by hand, swaps in what the log says, and swaps back", async () => {
    const started = await amc("start", "--exit-when-done");
    expect(started.exitCode, started.stderr).toBe(0);
    const equal = await amc("rebuild");
    expect(equal.exitCode, equal.stderr).toBe(0);
    const report = jsonLines(equal).find(({ type }) => type === "rebuild");
    expect(report).toMatchObject({ ok: true, swapped: false, differences: [] });
    expect(Number(report?.records)).toBeGreaterThan(300);

    const right = await price();
    await database.pool("projector").query("UPDATE recommendations SET price = 1");
    const differs = await amc("rebuild");
    expect(differs.exitCode).toBe(1);
    expect(jsonLines(differs).find(({ type }) => type === "rebuild")).toMatchObject({
      ok: false,
      differences: [
        {
          ...{ table: "recommendations", different: 1, onlyInUse: 0, onlyRebuilt: 0 },
          examples: [{ inUse: { price: 1 }, rebuilt: { price: Number(right) } }],
        },
      ],
    });
    const refused = await amc("rebuild", "--swap");
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain("Nothing was swapped");
    expect(Number(await price())).toBe(1);

    const accepted = await amc("rebuild", "--swap", "--accept-differences");
    expect(accepted.exitCode, accepted.stderr).toBe(0);
    expect(await price()).toEqual(right);
    const back = await amc("rebuild", "--swap-back");
    expect(back.exitCode, back.stderr).toBe(0);
    expect(Number(await price())).toBe(1);
  });

  it("says that npm start builds tables where there are none, and refuses contradictions", async () => {
    expect((await amc("start", "--exit-when-done")).exitCode).toBe(0);
    const both = await amc("rebuild", "--swap", "--swap-back");
    expect(both.exitCode).toBe(64);
    const none = await runCommand(["rebuild", "--data-dir", directory.path]);
    expect(none.exitCode).toBe(69);
    expect(none.stderr).toMatch(
      /^amc: .+ has no tables yet: npm start builds them from the log\n$/,
    );
    const nothing = await amc("rebuild", "--swap-back");
    expect(nothing.exitCode).toBe(1);
    expect(nothing.stderr).toContain("there is nothing to swap back to");
  });
});

describe("amc beside a running system", () => {
  const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));

  async function freePort(): Promise<string> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    server.close();
    await once(server, "close");
    return typeof address === "object" && address !== null ? String(address.port) : "0";
  }

  /** Resolves when it says that it serves. */
  async function start(port: string): Promise<ChildProcess> {
    const words = ["start", "--data-dir", directory.path, "--port", port];
    const child = spawn(process.execPath, [MAIN, ...words], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    for await (const chunk of child.stderr ?? []) {
      said += String(chunk);
      if (said.includes("until Ctrl-C")) return child;
    }
    throw new Error(`npm start ended: ${said}`);
  }

  it("shows its process, address and lags, and rebuilds its tables while it serves", async () => {
    const port = await freePort();
    const child = await start(port);
    try {
      const words = ["--data-dir", directory.path, "--json"];
      const status = await runCommand(["status", "--port", port, ...words]);
      expect(status.exitCode, status.stderr).toBe(0);
      const lines = jsonLines(status);
      expect(lines[0]).toMatchObject({
        ...{ running: true, pid: child.pid, api: `http://127.0.0.1:${port}` },
        ...{ deadLetters: 0, tables: "reachable", lastTick: "2021-01-13T15:30:00.000Z" },
      });
      const lags = lines.filter(({ type }) => type === "projection");
      expect(lags.length).toBeGreaterThan(2);
      expect(lags.filter(({ records }) => records !== 0)).toEqual([]);
      expect(lines.find(({ type }) => type === "recording")).toMatchObject({
        name: "built-in",
        isDone: true,
      });
      const rebuilt = await runCommand(["rebuild", "--swap", ...words]);
      expect(rebuilt.exitCode, rebuilt.stderr).toBe(0);
      const answer = await fetch(`http://127.0.0.1:${port}/recommendations`);
      expect(await answer.json()).toMatchObject({ data: [{ symbol: "GME" }] });
    } finally {
      child.kill("SIGINT");
      await once(child, "exit");
    }
    const stopped = await runCommand(["rebuild", "--data-dir", directory.path, "--json"]);
    expect(stopped.exitCode, stopped.stderr).toBe(0);
    expect(jsonLines(stopped).find(({ type }) => type === "rebuild")).toMatchObject({ ok: true });
  });
});
