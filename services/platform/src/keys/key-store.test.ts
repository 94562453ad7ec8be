import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WriterLock } from "../log/file/writer-lock.ts";
import { KeyStore } from "./key-store.ts";
import { isKeysError } from "./keys-error.ts";
import { parseMasterKeys } from "./master-key.ts";

const AT = "2026-01-02T03:04:05.000Z";
const LATER = "2026-07-02T03:04:05.000Z";
const POLYGON = "POLYGON_API_KEY";
const ALPHA = "ALPHA_VANTAGE_API_KEY";
const newKey = () => randomBytes(32).toString("base64");

describe("the store of providers' keys", () => {
  const [first, second, third] = [newKey(), newKey(), newKey()];
  let directory: string;
  let path: string;
  const storeWith = (...texts: readonly string[]) =>
    new KeyStore({ path, masters: texts.length === 0 ? [] : parseMasterKeys(texts.join(",")) });
  const codeOf = (work: () => unknown) => {
    try {
      work();
    } catch (error) {
      if (!isKeysError(error)) throw error;
      expect(error.message).not.toMatch(/canary/);
      return error.code;
    }
    return null;
  };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "amc-keys-"));
    path = join(directory, "below", "keys.json");
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it("keeps keys sealed in a file of its owner alone, and opens those that are asked for", () => {
    const store = storeWith(first);
    expect(store.open([POLYGON])).toEqual(new Map());
    store.set(POLYGON, "canary-one", AT);
    store.set(ALPHA, "canary-two", AT);
    store.set(POLYGON, "canary-three", LATER);
    expect(store.open([POLYGON])).toEqual(new Map([[POLYGON, "canary-three"]]));
    expect(store.open([POLYGON, ALPHA]).size).toBe(2);
    expect(storeWith().list()).toMatchObject([
      { name: ALPHA, sealedAt: AT },
      { name: POLYGON, sealedAt: LATER },
    ]);
    expect(readFileSync(path, "utf8")).not.toMatch(/canary/);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("makes a file that others could read its owner's again", () => {
    storeWith(first).set(POLYGON, "canary-one", AT);
    chmodSync(path, 0o644);
    storeWith(first).set(ALPHA, "canary-two", AT);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("says whether a master key is missing, wrong or only no longer given", () => {
    expect(codeOf(() => storeWith().set(POLYGON, "canary-one", AT))).toBe("keys.no-master-key");
    storeWith(first).set(POLYGON, "canary-one", AT);
    expect(codeOf(() => storeWith().open([POLYGON]))).toBe("keys.no-master-key");
    expect(codeOf(() => storeWith(second).open([POLYGON]))).toBe("keys.wrong-master-key");
    // Else half of the keys were sealed under a mistake.
    expect(codeOf(() => storeWith(second).set(ALPHA, "x", AT))).toBe("keys.wrong-master-key");
    storeWith(second, first).set(ALPHA, "canary-two", AT);
    expect(storeWith(second).open([ALPHA])).toEqual(new Map([[ALPHA, "canary-two"]]));
    expect(codeOf(() => storeWith(second).open([POLYGON]))).toBe("keys.unknown-key-id");
  });

  it("is rotated to the first master key as a whole, or not at all", () => {
    storeWith(first).set(POLYGON, "canary-one", AT);
    storeWith(second, first).set(ALPHA, "canary-two", AT);
    const before = readFileSync(path, "utf8");
    expect(codeOf(() => storeWith(third, first).rotate(LATER))).toBe("keys.unknown-key-id");
    expect(readFileSync(path, "utf8")).toBe(before);
    storeWith(third, second, first).rotate(LATER);
    expect(storeWith(third).open([POLYGON, ALPHA])).toEqual(
      new Map([
        [POLYGON, "canary-one"],
        [ALPHA, "canary-two"],
      ]),
    );
    expect(codeOf(() => storeWith(first, second).open([POLYGON]))).toBe("keys.wrong-master-key");
  });

  it("refuses keys that were exchanged, by whoever can write the file", () => {
    const store = storeWith(first);
    store.set(POLYGON, "canary-one", AT);
    store.set(ALPHA, "canary-two", AT);
    const text = readFileSync(path, "utf8");
    const exchanged = text.replace(POLYGON, "?").replace(ALPHA, POLYGON).replace("?", ALPHA);
    writeFileSync(path, exchanged);
    expect(codeOf(() => store.open([POLYGON]))).toBe("keys.tampered");
    expect(codeOf(() => store.rotate(LATER))).toBe("keys.tampered");
    expect(readFileSync(path, "utf8")).toBe(exchanged);
  });

  it.each([
    ["nothing", ""],
    ["half of it", '{"format":"amc.provider-keys.v1","keys":[{"name":"POLY'],
    ["another format", '{"format":"amc.provider-keys.v9","keys":[]}'],
    [
      "a key in the clear",
      '{"format":"amc.provider-keys.v1","keys":[{"name":"X","key":"canary"}]}',
    ],
    ["too much", "x".repeat(1_000_001)],
  ])("refuses a file that holds %s", (_what, text) => {
    storeWith(first).set(POLYGON, "canary-one", AT);
    writeFileSync(path, text);
    expect(codeOf(() => storeWith(first).open([POLYGON]))).toBe("keys.file");
    expect(codeOf(() => storeWith(first).set(POLYGON, "canary-one", AT))).toBe("keys.file");
  });

  it.each(["", "two words", "canary\nline", "a".repeat(4_097), "é"])(
    "stores nothing that is no key: %j",
    (secret) => {
      expect(codeOf(() => storeWith(first).set(POLYGON, secret, AT))).toBe("keys.no-key");
    },
  );

  it("is changed by one process at a time", () => {
    const store = storeWith(first);
    store.set(POLYGON, "canary-one", AT);
    const lock = new WriterLock(`${path}.lock`);
    expect(codeOf(() => store.set(ALPHA, "canary-two", AT))).toBe("keys.busy");
    lock.release();
    expect(codeOf(() => store.set(ALPHA, "canary-two", AT))).toBeNull();
  });

  it("gives a key away by name, without any master key", () => {
    storeWith(first).set(POLYGON, "canary-one", AT);
    storeWith().remove(POLYGON);
    expect(storeWith().list()).toEqual([]);
    expect(codeOf(() => storeWith().remove(POLYGON))).toBe("keys.not-stored");
  });

  it("says of a place where nothing can be written what that place is", () => {
    writeFileSync(join(directory, "below"), "a file in the way");
    expect(codeOf(() => storeWith(first).set(POLYGON, "canary-one", AT))).toBe("keys.file");
  });
});
