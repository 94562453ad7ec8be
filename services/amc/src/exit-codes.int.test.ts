import { existsSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { ACKNOWLEDGED_FILE } from "@amc/platform/log/file/format";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand } from "./testing/run-command.ts";
import { openTestLog, TestDirectory } from "./testing/simulated-system.ts";

const directory = new TestDirectory();
const damaged = directory.at("damaged");
const absent = directory.at("absent");
/** Holds a window of a layout that no version writes any more. */
const older = directory.at("older");
/** Taken by this test, so that nobody else can listen there. */
let server: Server;
let takenPort: number;
/** Was free a moment ago, so nobody answers there. */
let closedPort: number;

function listening(): Promise<{ server: Server; port: number }> {
  const opened = createServer();
  return new Promise((resolve, reject) => {
    opened.once("error", reject);
    opened.listen({ host: "127.0.0.1", port: 0 }, () => {
      const address = opened.address();
      if (address === null || typeof address === "string") reject(new TypeError("no port"));
      else resolve({ server: opened, port: address.port });
    });
  });
}

beforeAll(async () => {
  const log = await openTestLog(damaged);
  await log.commit({
    appends: [{ topic: "market.news.v1", partition: 0, key: "GME", value: null, headers: {} }],
  });
  await log.close();
  rmSync(directory.at("damaged", "log", ACKNOWLEDGED_FILE));
  const stored = await openTestLog(older);
  const lease = await stored.acquire("signals", 0);
  const state = [{ store: "features.window", key: "GME", value: Uint8Array.of(1, 0, 0) }];
  await stored.commit({ appends: [], lease, state });
  await stored.close();
  ({ server, port: takenPort } = await listening());
  const other = await listening();
  closedPort = other.port;
  await new Promise((resolve) => other.server.close(resolve));
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  directory.dispose();
});

interface Case {
  readonly because: string;
  /** Words as they are known when the test runs. */
  readonly words: () => string[];
  readonly environment?: () => Record<string, string>;
  readonly exitCode: number;
  readonly says: RegExp;
}

const START = (...words: string[]) => ["start", "--data-dir", absent, "--exit-when-done", ...words];

const CASES: readonly Case[] = [
  {
    because: "there is no such command",
    words: () => ["guess"],
    exitCode: 64,
    says: /there is no command guess/,
  },
  {
    because: "an option is wrong",
    words: () => START("--port", "many"),
    exitCode: 64,
    says: /--port takes a whole number/,
  },
  {
    because: "inspect is given a day that does not exist",
    words: () => ["inspect", "--symbol", "GME", "--at", "2021-02-30T10:15", "--data-dir", absent],
    exitCode: 64,
    says: /--at takes an instant such as .+, was "2021-02-30T10:15"/,
  },
  {
    because: "inspect is given an hour that does not exist",
    words: () => ["inspect", "--symbol", "GME", "--at", "2021-01-13T25:15", "--data-dir", absent],
    exitCode: 64,
    says: /--at takes an instant such as .+, was "2021-01-13T25:15"/,
  },
  {
    because: "prune is given a day that does not exist",
    words: () => ["prune", "--before", "2021-02-30", "--data-dir", absent],
    exitCode: 64,
    says: /--before takes a date such as 2026-01-01, was "2021-02-30"/,
  },
  {
    because: "there is no such recording",
    words: () => ["replay", "--recording", "nowhere"],
    exitCode: 66,
    says: /cannot read the manifest/,
  },
  {
    because: "there is no log",
    words: () => ["status", "--data-dir", absent],
    exitCode: 66,
    says: /there is no log in .+absent: run "npm start"/,
  },
  {
    because: "the port is in use",
    words: () => START("--port", String(takenPort)),
    exitCode: 69,
    says: /port \d+ of 127\.0\.0\.1 is in use: choose PORT.+ --port <n> .+ \[api\.cannot-listen\]/,
  },
  {
    because: "the database is away",
    words: () => START("--port", "0"),
    environment: () => ({ DATABASE_URL: `postgres://u:hunter2@127.0.0.1:${closedPort}/amc` }),
    exitCode: 69,
    says: /PostgreSQL at 127\.0\.0\.1:\d+ cannot be connected to: .+ \[postgres\.cannot-connect\]/,
  },
  {
    because: "the log is damaged",
    words: () => ["topics", "--data-dir", damaged],
    exitCode: 70,
    says: /is damaged: .+restore the directory from a backup \[log\.corrupt\]/,
  },
  {
    because: "the log to be written is damaged",
    words: () => ["start", "--data-dir", damaged, "--port", "0", "--exit-when-done"],
    exitCode: 70,
    says: /is damaged: .+ \[log\.corrupt\]/,
  },
  {
    because: "the state of a stage is of another version",
    words: () => ["start", "--data-dir", older, "--port", "0", "--exit-when-done"],
    environment: () => ({ AMC_PARTITIONS: "2" }),
    exitCode: 66,
    says: /features\.window of GME was stored in format 1, .+ \[state\.format\]: go on with the version that wrote it, or play the facts into an empty data directory/,
  },
  {
    because: "others could reach the API without a key",
    words: () => START("--port", "0"),
    environment: () => ({ HOST: "0.0.0.0" }),
    exitCode: 78,
    says: /HOST: is reachable from other machines: configure AMC_API_KEYS, or give 127\.0\.0\.1/,
  },
  {
    because: "the keys of the API cannot be read",
    words: () => START("--port", "0"),
    environment: () => ({ AMC_API_KEYS: "hunter2" }),
    exitCode: 78,
    says: /AMC_API_KEYS: is not JSON/,
  },
];

describe("the exit code that docs/commands.md promises", () => {
  it.each(CASES)(
    "is $exitCode when $because, in words that need no stack and give no secret away",
    async ({ words, environment, exitCode, says }) => {
      const result = await runCommand(words(), environment?.());
      expect(result.stderr).toMatch(says);
      expect(result.exitCode).toBe(exitCode);
      expect(result.stderr).toMatch(/^amc: .+\n( {2}.+\n)*$/);
      expect(result.stderr).not.toMatch(/hunter2|\n +at /);
    },
  );

  it("of a wrong configuration comes before anything is written", async () => {
    const never = directory.at("never");
    const words = ["start", "--data-dir", never, "--port", "0", "--exit-when-done"];
    for (const environment of [{ HOST: "0.0.0.0" }, { AMC_API_KEYS: "[" }, { PORT: "many" }]) {
      expect((await runCommand(words, environment)).exitCode).toBe(78);
    }
    expect(existsSync(never)).toBe(false);
  });
});
