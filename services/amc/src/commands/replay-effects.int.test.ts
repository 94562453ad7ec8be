import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { EXIT } from "../exit-codes.ts";
import { jsonLines } from "../testing/run-command.ts";
import { TestDirectory, writeSimulatedSystem } from "../testing/simulated-system.ts";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));
const COUNTER = new URL("../testing/effect-counter.ts", import.meta.url).href;
const PLANTED = new URL("../testing/planted-effect.ts", import.meta.url);

const directory = new TestDirectory();
const live = directory.at("live");
const PLANTED_FILE = directory.at("planted");

/** Stands for everything that delivers: counts who calls. */
let sandbox: Server;
let delivered = 0;

beforeAll(async () => {
  await writeSimulatedSystem(live);
  sandbox = createServer((_request, response) => {
    delivered += 1;
    response.end();
  });
  await once(sandbox.listen(0, "127.0.0.1"), "listening");
});
beforeEach(() => {
  delivered = 0;
});
afterAll(async () => {
  sandbox.close();
  sandbox.closeAllConnections();
  await once(sandbox, "close");
  directory.dispose();
});

function sandboxAddress(): string {
  const address = sandbox.address();
  if (address === null || typeof address === "string") throw new TypeError("no port");
  return `http://127.0.0.1:${address.port}/`;
}

/** A configuration with which a start sends alerts to the sandbox. */
function delivering(): Readonly<Record<string, string>> {
  return {
    DATABASE_URL: sandboxAddress().replace("http:", "postgres:"),
    ...{ TWILIO_ACCOUNT_SID: `AC${"5a".repeat(16)}`, TWILIO_AUTH_TOKEN: "of-no-account" },
    ...{ TWILIO_FROM_NUMBER: "+12025550199", TWILIO_RECIPIENTS: "+12025550100" },
    TWILIO_BASE_URL: sandboxAddress().replace(/\/$/, ""),
    ANTHROPIC_API_KEY: "of-no-account",
    ANTHROPIC_BASE_URL: sandboxAddress().replace(/\/$/, ""),
  };
}

/** The planted module, told what to do by its address. */
function plantedModule([effect, where]: readonly [string, string]): string {
  const url = new URL(PLANTED);
  url.searchParams.set(effect, where);
  return url.href;
}

/** What a process writes to one of its descriptors, up to its end. */
function writtenTo(child: ChildProcess, descriptor: number): Promise<string> {
  const pipe = child.stdio[descriptor];
  if (!(pipe instanceof Readable)) throw new TypeError(`descriptor ${descriptor} is no pipe`);
  return text(pipe);
}

/**
 * Runs `amc <words>` where it may read files and nothing else: no write, process, thread or addon.
 * Node knows no permission for the network, so what touches it is counted. A database is configured,
 * an account for text messages and one of a model, none of which anything may call.
 */
async function runConfined(words: readonly string[], planted?: readonly [string, string]) {
  const modules = [COUNTER, ...(planted === undefined ? [] : [plantedModule(planted)])];
  const imports = modules.flatMap((url) => ["--import", url]);
  const child = spawn(
    process.execPath,
    ["--permission", "--allow-fs-read=*", ...imports, MAIN, ...words],
    {
      stdio: ["ignore", "pipe", "pipe", "pipe"],
      cwd: directory.path,
      env: { ...process.env, ...delivering() },
    },
  );
  const exited = once(child, "exit");
  const written = [1, 2, 3].map((descriptor) => writtenTo(child, descriptor));
  const [stdout = "", stderr = "", counts = ""] = await Promise.all(written);
  await exited;
  const effects: Readonly<Record<string, number>> = JSON.parse(counts);
  return { exitCode: child.exitCode, stdout, stderr, effects };
}

/** SHA-256 by path of every file below a directory. */
function contentsOf(path: string): Readonly<Record<string, string>> {
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    files
      .map(({ parentPath, name }) => join(parentPath, name))
      .sort()
      .map((file) => [file, createHash("sha256").update(readFileSync(file)).digest("hex")]),
  );
}

const alertsIn = (result: Awaited<ReturnType<typeof runConfined>>) =>
  jsonLines(result).find(({ type }) => type === "summary")?.alerts;

describe("amc replay, of a day that asks for an alert", () => {
  it("of a recording writes nothing, starts nothing and touches no network", async () => {
    const result = await runConfined(["replay", "--recording", "built-in", "--json"]);
    expect(result.exitCode, result.stderr).toBe(EXIT.ok);
    expect(alertsIn(result)).toBe(1);
    expect(result.effects).toEqual({});
    expect(delivered).toBe(0);
  });

  it("of a log does none of that and leaves every byte of the data directory", async () => {
    const before = contentsOf(directory.path);
    const words = ["replay", "--data-dir", live, "--compare", "--json"];
    const result = await runConfined(words);
    expect(result.exitCode, result.stderr).toBe(EXIT.ok);
    expect(alertsIn(result)).toBe(1);
    expect(result.effects).toEqual({});
    expect(delivered).toBe(0);
    // SQLite keeps who reads a log in two files beside it, whose contents are nobody's data.
    const bookkeeping = [join(live, "log", "log.sqlite-shm"), join(live, "log", "log.sqlite-wal")];
    const after = Object.entries(contentsOf(directory.path)).filter(
      ([file]) => !bookkeeping.includes(file),
    );
    expect(Object.fromEntries(after)).toEqual(before);
    expect(readFileSync(join(live, "log", "log.sqlite-wal"))).toHaveLength(0);
  });

  it.each([
    ["posts its alerts", "post", "TCPCONNECTWRAP", 1],
    ["listens", "listen", "TCPSERVERWRAP", 0],
    ["writes a file", "write", "node:permission-model:fs", 0],
    ["starts a process", "start", "node:permission-model:child", 0],
  ] as const)("control: one that %s is caught", async (_what, effect, caught, calls) => {
    const where = { post: sandboxAddress(), listen: "", write: PLANTED_FILE, start: "true" };
    const result = await runConfined(["replay", "--json"], [effect, where[effect]]);
    expect(result.exitCode, result.stderr).toBe(EXIT.ok);
    expect(alertsIn(result)).toBe(1);
    expect(Object.keys(result.effects)).toContain(caught);
    expect(delivered).toBe(calls);
    expect(existsSync(PLANTED_FILE)).toBe(false);
  });
});
