import { chmodSync, closeSync, openSync, writeSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { KeyStore } from "@amc/platform/keys/key-store";
import { parseMasterKeys } from "@amc/platform/keys/master-key";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { jsonLines, runCommand } from "../testing/run-command.ts";
import { openTestLog, TestDirectory } from "../testing/simulated-system.ts";

let directory: TestDirectory;
beforeEach(() => {
  directory = new TestDirectory();
});
afterEach(() => directory.dispose());

/** Any free port, so that a system beside the tests does no harm. */
const FREE = { PORT: "0", NODE_ENV: "test" };

async function doctor(environment: Readonly<Record<string, string>> = {}, data = "absent") {
  const words = ["doctor", "--json", "--data-dir", directory.path, "--data", directory.at(data)];
  const result = await runCommand(words, { ...FREE, ...environment });
  const checks = new Map(jsonLines(result).map((check) => [check.name, check]));
  return { exitCode: result.exitCode, checks };
}

async function writeLog(): Promise<void> {
  const log = await openTestLog(directory.path);
  const topic = "ops.control.v1";
  for (let index = 0; index < 50; index += 1) {
    const value = new Uint8Array(4_000).fill(index);
    await log.commit({ appends: [{ topic, partition: 0, key: "x", value, headers: {} }] });
  }
  await log.close();
}

function listen(): Promise<Server> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}

describe("amc doctor", () => {
  it("finds nothing to mend where npm start works, and only warns of absent recordings", async () => {
    await writeLog();
    const { exitCode, checks } = await doctor();
    const failed = [...checks.values()].filter(({ status }) => status === "fail");
    expect(failed).toEqual([]);
    expect(exitCode).toBe(0);
    expect(checks.get("log")).toMatchObject({ status: "ok", detail: "50 records, 0 dead letters" });
    expect(checks.get("scheduler")).toMatchObject({ status: "ok" });
    expect(checks.get("recording built-in")).toMatchObject({ status: "ok" });
    expect(checks.get("recording gme-2021")).toMatchObject({ status: "warn" });
    expect(String(checks.get("recording gme-2021")?.mend)).toContain("AMC_DATA");
  });

  it("fails on a wrong configuration and on keys that are missing, and names the variable", async () => {
    const wrong = await doctor({ AMC_PARTITIONS: "many" });
    expect(wrong.exitCode).toBe(1);
    expect(wrong.checks.get("configuration")).toMatchObject({
      status: "fail",
      detail: "AMC_PARTITIONS: use a whole number; looking on with defaults",
    });
    const open = await doctor({ HOST: "0.0.0.0" });
    expect(open.exitCode).toBe(1);
    expect(open.checks.get("API access")).toMatchObject({ status: "fail" });
  });

  it("fails on a port that another program has", async () => {
    const server = await listen();
    const address = server.address();
    const port = typeof address === "object" && address !== null ? String(address.port) : "";
    const { exitCode, checks } = await doctor({ PORT: port });
    server.close();
    expect(exitCode).toBe(1);
    expect(checks.get("API port")).toMatchObject({ status: "fail", mend: "npm start -- --port 0" });
    expect(checks.get("API port")?.detail).toContain("EADDRINUSE");
  });

  it("fails on a damaged log and says how to get a whole one", async () => {
    await writeLog();
    const file = openSync(directory.at("log", "log.sqlite"), "r+");
    writeSync(file, Buffer.alloc(8_192 * 2, 0xff), 0, 8_192 * 2, 8_192);
    closeSync(file);
    const { exitCode, checks } = await doctor();
    expect(exitCode).toBe(1);
    expect(checks.get("log")).toMatchObject({ status: "fail" });
    expect(checks.get("log")?.mend).toContain("restore");
  });

  it("says what the cache is, and only warns of a Redis that is not there", async () => {
    const inside = await doctor();
    expect(inside.checks.get("cache")).toMatchObject({ status: "ok", detail: "in-process" });
    const away = await doctor({ REDIS_URL: "redis://:canary@127.0.0.1:1" });
    expect(away.checks.get("cache")).toMatchObject({
      status: "warn",
      detail: "Redis at REDIS_URL does not answer (ECONNREFUSED)",
    });
    expect(JSON.stringify([...away.checks])).not.toContain("canary");
    expect(away.exitCode).toBe(0);
  });

  it("says of stored keys whether they can be opened, who may read them and what is to be rotated", async () => {
    const [first = "", second = ""] = [1, 2].map((byte) =>
      Buffer.alloc(32, byte).toString("base64"),
    );
    const AMC_KEY_STORE = directory.at("keys", "keys.json");
    const checked = async (API_KEY_ENCRYPTION_KEY: string) => {
      const { checks } = await doctor({ AMC_KEY_STORE, API_KEY_ENCRYPTION_KEY });
      return checks.get("provider keys");
    };
    expect(await checked(first)).toMatchObject({ status: "ok" });
    new KeyStore({ path: AMC_KEY_STORE, masters: parseMasterKeys(first) }).set(
      ...(["POLYGON_API_KEY", "hunter2", "2026-01-02T03:04:05.000Z"] as const),
    );
    expect(await checked(first)).toMatchObject({
      ...{ status: "ok", detail: "POLYGON_API_KEY can be opened" },
    });
    expect(await checked("")).toMatchObject({ status: "warn" });
    expect(await checked(`${second},${first}`)).toMatchObject({
      mend: "npm run amc -- keys rotate",
    });
    chmodSync(AMC_KEY_STORE, 0o640);
    expect(await checked(first)).toMatchObject({ mend: `chmod 600 ${AMC_KEY_STORE}` });
  });

  it("warns of a data directory that others may enter, and fails on a database that is not there", async () => {
    chmodSync(directory.path, 0o755);
    const { exitCode, checks } = await doctor({
      DATABASE_URL: "postgres://u:canary@127.0.0.1:1/x",
    });
    expect(checks.get("data directory")).toMatchObject({
      status: "warn",
      mend: `chmod 700 ${directory.path}`,
    });
    expect(checks.get("PostgreSQL")).toMatchObject({ status: "fail" });
    expect(JSON.stringify([...checks])).not.toContain("canary");
    expect(exitCode).toBe(1);
  });
});
