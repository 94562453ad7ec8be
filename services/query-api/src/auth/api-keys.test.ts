import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { digestOf, parseApiKeys, verify } from "./api-keys.ts";

const NOW = Date.UTC(2026, 0, 1);
const SECRET = "s".repeat(43);
const KEY = `amc_dash-1_${SECRET}`;

function entry(overrides: Readonly<Record<string, unknown>> = {}) {
  return {
    id: "dash-1",
    client: "dashboard",
    sha256: digestOf(KEY).toString("hex"),
    scopes: ["read"],
    expiresAt: "2026-06-01T00:00:00Z",
    ...overrides,
  };
}

function keysOf(...entries: unknown[]) {
  return parseApiKeys(JSON.stringify(entries), NOW);
}

describe("API keys", () => {
  it("let their holder in under the name and scopes they are configured with", () => {
    const principal = verify(keysOf(entry()), KEY, NOW);
    expect(principal).toEqual({ keyId: "dash-1", client: "dashboard", scopes: new Set(["read"]) });
  });

  it("hash as SHA-256 does", () => {
    // FIPS 180-2, appendix B.1: the digest of "abc".
    expect(digestOf("abc").toString("hex")).toBe(
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
  });

  it("are refused from the instant they expire", () => {
    const keys = keysOf(entry());
    const expiry = Date.UTC(2026, 5, 1);
    expect(verify(keys, KEY, expiry - 1)).not.toBeNull();
    expect(verify(keys, KEY, expiry)).toBeNull();
  });

  it.each([
    ["2026-06-01T00:00:00Z", Date.UTC(2026, 5, 1)],
    ["2026-06-01T00:00:00-04:00", Date.UTC(2026, 5, 1, 4)],
    ["2026-06-01T00:00:00.250+02:00", Date.UTC(2026, 4, 31, 22, 0, 0, 250)],
  ])("expire at %s, which names its zone", (expiresAt, instant) => {
    expect(keysOf(entry({ expiresAt }))[0]?.expiresAtMs).toBe(instant);
  });

  it("refuse every other text, however close", () => {
    const keys = keysOf(entry());
    expect(verify(keys, `${KEY.slice(0, -1)}t`, NOW)).toBeNull();
    expect(verify(keys, KEY.toUpperCase(), NOW)).toBeNull();
    expect(verify(keys, `amc_dash-2_${SECRET}`, NOW)).toBeNull();
    fc.assert(fc.property(fc.string(), (text) => verify(keys, text, NOW) === null));
  });

  it("allow a client two live keys, so that one can replace the other, and no third", () => {
    const second = entry({ id: "dash-2" });
    const third = entry({ id: "dash-3" });
    expect(keysOf(entry(), second)).toHaveLength(2);
    expect(() => keysOf(entry(), second, third)).toThrow("more than two live keys");
    const expired = entry({ id: "dash-3", expiresAt: "2025-12-31T00:00:00Z" });
    expect(keysOf(entry(), second, expired)).toHaveLength(3);
  });

  it.each([
    ["text that is not JSON", "[{"],
    ["an object", "{}"],
    ["a list of texts", '["amc_dash-1_secret"]'],
    ["a key without digest", JSON.stringify([{ ...entry(), sha256: undefined }])],
    ["a plain secret as digest", JSON.stringify([entry({ sha256: SECRET })])],
    ["an unknown scope", JSON.stringify([entry({ scopes: ["trade"] })])],
    ["no scope", JSON.stringify([entry({ scopes: [] })])],
    ["no expiry", JSON.stringify([entry({ expiresAt: "never" })])],
    ["an expiry without a zone", JSON.stringify([entry({ expiresAt: "2026-06-01T00:00:00" })])],
    ["an expiry without a time", JSON.stringify([entry({ expiresAt: "2026-06-01" })])],
    ["an expiry that is no day", JSON.stringify([entry({ expiresAt: "2026-13-01T00:00:00Z" })])],
    ["two keys of one id", JSON.stringify([entry(), entry()])],
  ])("refuse %s as configuration without repeating it", (_, json) => {
    const error = expectThrown(() => parseApiKeys(json, NOW));
    expect(error).toMatchObject({ code: "api.config", facts: { variable: "AMC_API_KEYS" } });
    expect(String(error)).not.toContain(SECRET);
  });
});

function expectThrown(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}
