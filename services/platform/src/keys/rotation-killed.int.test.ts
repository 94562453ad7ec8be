import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KeyStore } from "./key-store.ts";
import { isKeysError } from "./keys-error.ts";
import { parseMasterKeys } from "./master-key.ts";

const PROCESS = fileURLToPath(new URL("./testing/rotating-process.ts", import.meta.url));
const NAMES = ["POLYGON_API_KEY", "ALPHA_VANTAGE_API_KEY"];
const AT = "2026-01-02T03:04:05.000Z";

describe("a rotation that is killed", () => {
  const [oldKey, newKey] = [0, 1].map(() => randomBytes(32).toString("base64"));
  const both = `${newKey},${oldKey}`;
  let directory: string;
  let path: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "amc-keys-"));
    path = join(directory, "keys.json");
    const store = new KeyStore({ path, masters: parseMasterKeys(`${oldKey}`) });
    for (const name of NAMES) store.set(name, `canary-${name}`, AT);
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const opened = (keys: string) =>
    new KeyStore({ path, masters: parseMasterKeys(keys) }).open(NAMES);
  const rotateUntil = (step: string) =>
    spawnSync(process.execPath, [PROCESS, path, both, step], { encoding: "utf8" });
  const whole = new Map(NAMES.map((name) => [name, `canary-${name}`]));

  it.each([
    ["created", `${oldKey}`],
    ["written", `${oldKey}`],
    ["synced", `${oldKey}`],
    ["renamed", `${newKey}`],
  ])(
    "once its file is %s leaves every key under one master key, and can be repeated",
    (step, under) => {
      expect(rotateUntil(step).signal).toBe("SIGKILL");
      expect(opened(both)).toEqual(whole);
      expect(opened(under)).toEqual(whole);
      expect(statSync(path).mode & 0o777).toBe(0o600);
      const again = rotateUntil("none");
      expect(again.status, again.stderr).toBe(0);
      expect(opened(`${newKey}`)).toEqual(whole);
    },
  );

  it("control: in a build that writes over the file loses every key", () => {
    expect(rotateUntil("in-place").signal).toBe("SIGKILL");
    expect(() => opened(both)).toThrow(
      expect.toSatisfy((error: unknown) => isKeysError(error, "keys.file")),
    );
  });
});
