import { readFileSync, statSync } from "node:fs";
import { z } from "zod";
import { KeysError } from "./keys-error.ts";
import type { SealedKey } from "./sealed-key.ts";

const FORMAT = "amc.provider-keys.v1";
/** A few keys are a few hundred bytes each. */
const BYTES_MAX = 1_000_000;

const base64 = z.string().regex(/^[A-Za-z\d+/]+={0,2}$/);

const KEY_FILE = z.strictObject({
  format: z.literal(FORMAT),
  keys: z.array(
    z.strictObject({
      name: z.string().regex(/^[A-Z][A-Z\d_]*$/),
      keyId: z.string().regex(/^[\da-f]{16}$/),
      sealedAt: z.iso.datetime(),
      nonce: base64.length(16),
      // The tag alone is 16 bytes.
      sealed: base64.min(24),
    }),
  ),
});

/** What is stored, in the order of the file; nothing where there is no file. Throws `keys.file`. */
export function readKeyFile(path: string): readonly SealedKey[] {
  const text = textOf(path);
  if (text === null) return [];
  const parsed = KEY_FILE.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data.keys;
  const message = `${path} is no file of provider keys, or is damaged: restore it, or delete it and store the keys again`;
  throw new KeysError("keys.file", message, { path });
}

export function keyFileText(keys: readonly SealedKey[]): string {
  return `${JSON.stringify({ format: FORMAT, keys }, null, 2)}\n`;
}

function textOf(path: string): string | null {
  try {
    if (statSync(path).size > BYTES_MAX) {
      throw new KeysError("keys.file", `${path} is too large for a file of keys`, { path });
    }
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof KeysError) throw error;
    const reason = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    if (reason === "ENOENT") return null;
    throw new KeysError("keys.file", `${path} cannot be read (${reason})`, { path });
  }
}

/** Undefined for what is no JSON, which no file of keys is. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
