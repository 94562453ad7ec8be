import { createHash } from "node:crypto";
import { KeysError } from "./keys-error.ts";

/** A key under which those of providers are sealed, with the name by which they refer to it. */
export interface MasterKey {
  readonly id: string;
  readonly bytes: Buffer;
}

/** AES-256. */
const KEY_BYTES = 32;
/** Enough to tell the few master keys of an installation apart; says nothing about 256 random bits. */
const ID_CHARACTERS = 16;

/**
 * The master keys of a configuration, each 32 bytes in base64, separated by commas: the first one
 * seals, the others only open what was sealed before the last rotation. Throws
 * `keys.master-key-format`, never with any of the text.
 */
export function parseMasterKeys(text: string): readonly [MasterKey, ...MasterKey[]] {
  const [first, ...others] = text.split(",").map((part) => masterKey(part.trim()));
  if (first === undefined) throw new TypeError("a text has at least one part");
  return [first, ...others];
}

function masterKey(text: string): MasterKey {
  const bytes = Buffer.from(text, "base64");
  // Node passes over what is no base64: a key cut or mistyped would become another one in silence.
  if (bytes.length !== KEY_BYTES || bytes.toString("base64") !== text) {
    const message =
      "a master key is 32 random bytes in base64, as openssl rand -base64 32 makes them";
    throw new KeysError("keys.master-key-format", message);
  }
  const digest = createHash("sha256").update("amc.master-key.v1\0").update(bytes).digest("hex");
  return { id: digest.slice(0, ID_CHARACTERS), bytes };
}
