import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { barsAnswer } from "@amc/ingest-prices/testing/polygon-answers";
import { startServer } from "@amc/platform/http/mock/local-server";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EXIT } from "../exit-codes.ts";
import { logAt } from "../testing/log-at.ts";
import { type CommandResult, jsonLines, runCommand } from "../testing/run-command.ts";
import { TestDirectory } from "../testing/simulated-system.ts";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));
const newMaster = () => randomBytes(32).toString("base64");
const CANARY = `canary-${randomBytes(12).toString("hex")}`;
const OTHER_CANARY = `canary-${randomBytes(12).toString("hex")}`;

describe("amc keys", () => {
  const [oldMaster, newMasterKey] = [newMaster(), newMaster()];
  let directory: TestDirectory;
  let said: string;

  beforeEach(() => {
    directory = new TestDirectory();
    said = "";
  });
  afterEach(() => directory.dispose());

  /** Where any of these stands: what the commands said, and every file but those it was given in. */
  const placesOf = (...texts: readonly string[]) =>
    texts.flatMap((text) => [
      ...(said.includes(text) ? ["output"] : []),
      ...filesBelow(directory.path).filter(
        (file) => !file.endsWith(".given") && readFileSync(file).includes(text),
      ),
    ]);
  const leaked = () => placesOf(CANARY, OTHER_CANARY, oldMaster, newMasterKey);

  const kept = (result: CommandResult) => {
    said += result.stdout + result.stderr;
    return result;
  };
  const store = () => directory.at("keys", "keys.json");
  const amc = async (master: string, ...words: readonly string[]) =>
    kept(
      await runCommand([...words, "--json"], {
        AMC_KEY_STORE: store(),
        API_KEY_ENCRYPTION_KEY: master,
        LOG_LEVEL: "trace",
      }),
    );
  const given = (secret: string) => {
    const path = directory.at("key.given");
    writeFileSync(path, `${secret}\n`);
    return path;
  };
  const set = (name: string, secret: string, master = oldMaster) =>
    amc(master, "keys", "set", name, "--file", given(secret));

  it("stores a key from stdin, names it, rotates it, and opens it with the new master key alone", async () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [MAIN, "keys", "set", "POLYGON_API_KEY"],
      {
        env: { ...process.env, AMC_KEY_STORE: store(), API_KEY_ENCRYPTION_KEY: oldMaster },
        encoding: "utf8",
        input: `${CANARY}\n`,
      },
    );
    expect(status, stderr).toBe(EXIT.ok);
    expect(stdout).toMatch(/^POLYGON_API_KEY is stored, sealed under the master key [\da-f]{16}$/m);
    said += stdout + stderr;
    expect(statSync(store()).mode & 0o777).toBe(0o600);
    await set("ALPHA_VANTAGE_API_KEY", OTHER_CANARY);
    const rotated = await amc(`${newMasterKey},${oldMaster}`, "keys", "rotate");
    expect(rotated.exitCode, rotated.stderr).toBe(EXIT.ok);
    const names = ["POLYGON_API_KEY", "ALPHA_VANTAGE_API_KEY"];
    const [{ keyId } = {}] = jsonLines(rotated);
    expect(jsonLines(rotated)).toEqual([{ type: "keys-rotated", keyId, names }]);
    const listed = (canBeOpened: boolean) =>
      names.map((name) => expect.objectContaining({ type: "key", name, keyId, canBeOpened }));
    expect(jsonLines(await amc(newMasterKey, "keys", "list"))).toEqual(listed(true));
    expect(jsonLines(await amc(oldMaster, "keys", "list"))).toEqual(listed(false));
    expect(leaked()).toEqual([]);
    // Control: the search finds what is there.
    expect(placesOf("POLYGON_API_KEY")).toEqual(["output", store()]);
  });

  it("takes no key from the command line, and nothing that is no provider's", async () => {
    const onLine = await amc(oldMaster, "keys", "set", "POLYGON_API_KEY", "x");
    expect(onLine.exitCode).toBe(EXIT.usage);
    const unknown = await set("KAFKA_PASSWORD", CANARY);
    expect(unknown.exitCode).toBe(EXIT.usage);
    expect(unknown.stderr).toContain("ALPHA_VANTAGE_API_KEY or POLYGON_API_KEY");
    expect(leaked()).toEqual([]);
  });

  it("says with a code what is wrong: no master key, a wrong one, a changed file", async () => {
    await set("POLYGON_API_KEY", CANARY);
    const none = await amc("", "keys", "rotate");
    expect(none).toMatchObject({ exitCode: EXIT.config });
    expect(none.stderr).toContain("[keys.no-master-key]");
    for (const words of [["keys", "rotate"], ["config", "print"], ["status"]]) {
      const wrong = await amc(newMasterKey, ...words);
      expect(wrong, words.join(" ")).toMatchObject({ exitCode: EXIT.config });
      expect(wrong.stderr).toContain("[keys.wrong-master-key]");
    }
    const text = readFileSync(store(), "utf8");
    writeFileSync(store(), text.replace("POLYGON_API_KEY", "ALPHA_VANTAGE_API_KEY"));
    const changed = await amc(oldMaster, "config", "print");
    expect(changed.exitCode).toBe(EXIT.config);
    expect(changed.stderr).toContain("[keys.tampered]");
    expect((await amc(oldMaster, "keys", "rotate")).stderr).toContain("[keys.tampered]");
    // Mended without the old master key: what cannot be opened is taken out and stored again.
    const removed = await amc(newMasterKey, "keys", "remove", "ALPHA_VANTAGE_API_KEY");
    expect(removed.exitCode, removed.stderr).toBe(EXIT.ok);
    expect((await set("POLYGON_API_KEY", CANARY, newMasterKey)).exitCode).toBe(EXIT.ok);
    expect(leaked()).toEqual([]);
  });

  it("gives a provider the stored key, unless the environment gives another, and shows neither", async () => {
    await (await logAt(directory.at("data"))).close();
    const sent: (string | undefined)[] = [];
    const server = await startServer((_path, response) => {
      sent.push(response.req.headers.authorization);
      const status = sent.length === 3 ? 403 : 200;
      response.writeHead(status, { "content-type": "application/json" });
      // A provider that repeats what it was sent must not make us repeat it.
      response.end(JSON.stringify({ ...barsAnswer([]), error: sent.at(-1) }));
    });
    const ask = async (environment: Readonly<Record<string, string>>) =>
      kept(
        await runCommand(
          [
            "ingest",
            "polygon",
            "--symbols",
            "XYZ",
            "--from",
            "2025-09-05",
            "--to",
            "2025-09-05",
          ].concat("--data-dir", directory.at("data")),
          { POLYGON_BASE_URL: server.origin, AMC_KEY_STORE: store(), ...environment },
        ),
      );
    await set("POLYGON_API_KEY", CANARY);
    const master = { API_KEY_ENCRYPTION_KEY: oldMaster, LOG_LEVEL: "trace" };
    const without = await ask({});
    expect(without).toMatchObject({ exitCode: EXIT.config, stdout: "" });
    expect(without.stderr).toContain("amc keys set POLYGON_API_KEY");
    const stored = await ask(master);
    expect(stored.exitCode, stored.stderr).toBe(EXIT.ok);
    await ask({ ...master, POLYGON_API_KEY: OTHER_CANARY });
    const refused = await ask(master);
    expect(refused.stderr).toContain("403");
    await server.close();
    expect(sent).toEqual([CANARY, OTHER_CANARY, CANARY].map((key) => `Bearer ${key}`));
    expect(leaked()).toEqual([]);
  });
});

function filesBelow(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
