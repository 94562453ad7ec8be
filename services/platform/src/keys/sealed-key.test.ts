import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isKeysError } from "./keys-error.ts";
import { parseMasterKeys } from "./master-key.ts";
import { decrypt, encrypt, openKey, type SealedKey, sealKey } from "./sealed-key.ts";

const hex = (text: string) => Buffer.from(text.replaceAll(/\s/g, ""), "hex");
const newMaster = () => parseMasterKeys(randomBytes(32).toString("base64"))[0];
const AT = "2026-01-02T03:04:05.000Z";

function codeOf(work: () => unknown): string | null {
  try {
    work();
  } catch (error) {
    return isKeysError(error) ? error.code : String(error);
  }
  return null;
}

describe("sealing", () => {
  it("is AES-256-GCM, as case 16 of its specification has it (McGrew, Viega 2005)", () => {
    const key = hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
    const nonce = hex("cafebabefacedbaddecaf888");
    const aad = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    const plain = hex(`d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72
      1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39`);
    const sealed = hex(`522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa
      8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662 76fc6ece0f4e1768cddf8853bb2d551b`);
    expect(encrypt(key, nonce, aad, plain)).toEqual(sealed);
    expect(decrypt(key, nonce, aad, sealed)).toEqual(plain);
  });

  it("gives what another library opens and opens what it sealed", () => {
    // AESGCM of Python's cryptography 48.0.0: key bytes 0 to 31, nonce a0 to ab, and as associated data
    // ["amc.provider-key.v1","POLYGON_API_KEY",keyId,sealedAt] in JSON without blanks.
    const masters = parseMasterKeys("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    const stored = {
      name: "POLYGON_API_KEY",
      keyId: "69b131c8994ec10c",
      sealedAt: AT,
      nonce: "oKGio6Slpqeoqaqr",
      sealed: "lnMjTiSlY80bSLbhNE716EeUYCDwHaxxhs+OeVAGFInYfuZd",
    };
    expect(openKey(stored, masters)).toBe("pk_canary-1234567890");
  });

  it("gives back what was sealed, never twice with one nonce, and never shows it", () => {
    const master = newMaster();
    fc.assert(
      fc.property(fc.string({ minLength: 4, maxLength: 200 }), (secret) => {
        const [one, other] = [0, 1].map(() => sealKey("A_KEY", secret, master, AT));
        expect(one?.nonce).not.toBe(other?.nonce);
        for (const stored of [one, other]) {
          if (stored === undefined) throw new Error("nothing was sealed");
          expect(openKey(stored, [newMaster(), master])).toBe(secret);
          expect(Buffer.from(stored.sealed, "base64").includes(secret)).toBe(false);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe("a sealed key", () => {
  const master = newMaster();
  const other = newMaster();
  const stored = sealKey("POLYGON_API_KEY", "canary-5f1c", master, AT);
  const opened = (change: Partial<SealedKey>) =>
    codeOf(() => openKey({ ...stored, ...change }, [master, other]));

  it.each(["nonce", "sealed"] as const)(
    "with any one bit of its %s changed is refused",
    (field) => {
      const bytes = Buffer.from(stored[field], "base64");
      for (let bit = 0; bit < bytes.length * 8; bit += 1) {
        const changed = Buffer.from(bytes);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(opened({ [field]: changed.toString("base64") }), String(bit)).toBe("keys.tampered");
      }
      expect(opened({})).toBeNull();
    },
  );

  it("that is cut at any length is refused", () => {
    const bytes = Buffer.from(stored.sealed, "base64");
    for (let length = 0; length < bytes.length; length += 1) {
      const sealed = bytes.subarray(0, length).toString("base64");
      expect(opened({ sealed }), String(length)).toBe("keys.tampered");
    }
  });

  it("is no other provider's, of no other day and under no other master key", () => {
    expect(opened({ name: "ALPHA_VANTAGE_API_KEY" })).toBe("keys.tampered");
    expect(opened({ sealedAt: "2026-01-02T03:04:06.000Z" })).toBe("keys.tampered");
    expect(opened({ keyId: other.id })).toBe("keys.tampered");
    expect(opened({ keyId: "0000000000000000" })).toBe("keys.unknown-key-id");
  });
});

describe("a master key", () => {
  it("is 32 bytes in base64, first of those that may follow it after commas", () => {
    const texts = [0, 1].map(() => randomBytes(32).toString("base64"));
    const masters = parseMasterKeys(` ${texts[0]} ,${texts[1]}`);
    expect(masters.map(({ bytes }) => bytes.toString("base64"))).toEqual(texts);
    expect(new Set(masters.map(({ id }) => id)).size).toBe(2);
  });

  it.each([
    ["empty", ""],
    ["short", randomBytes(31).toString("base64")],
    ["long", randomBytes(33).toString("base64")],
    ["in hex", randomBytes(32).toString("hex")],
    ["cut", randomBytes(32).toString("base64").slice(0, -1)],
    ["followed by nothing", `${randomBytes(32).toString("base64")},`],
    ["mistyped", `!${randomBytes(32).toString("base64").slice(1)}`],
  ])("that is %s is refused and not repeated", (_what, text) => {
    const refused = () => parseMasterKeys(text);
    expect(codeOf(refused)).toBe("keys.master-key-format");
    try {
      refused();
    } catch (error) {
      if (text.length > 1) expect(String(error)).not.toContain(text.slice(0, 20));
    }
  });
});
