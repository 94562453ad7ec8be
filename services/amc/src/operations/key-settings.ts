import { loadProcessKeySettings } from "@amc/platform/config/load-config";
import { KeyStore } from "@amc/platform/keys/key-store";
import { isKeysError, type KeysErrorCode } from "@amc/platform/keys/keys-error";
import { parseMasterKeys } from "@amc/platform/keys/master-key";
import { isoUtc } from "@amc/streams/market/event-time";
import type { OptionSpec } from "../command.ts";
import { CommandError, EXIT } from "../exit-codes.ts";

export const KEYS_OPTIONS = {
  json: { type: "boolean", doc: "one JSON object per line on stdout" },
} as const satisfies Record<string, OptionSpec>;

/** The configured store, whether its keys can be opened or not. */
export function keyStore(): KeyStore {
  const { AMC_KEY_STORE: path, API_KEY_ENCRYPTION_KEY: text } = loadProcessKeySettings();
  return new KeyStore({ path, masters: text === undefined ? [] : parseMasterKeys(text) });
}

export function now(): string {
  return isoUtc(Date.now());
}

const ENDS: Readonly<Record<KeysErrorCode, number>> = {
  "keys.no-master-key": EXIT.config,
  "keys.master-key-format": EXIT.config,
  "keys.wrong-master-key": EXIT.config,
  "keys.unknown-key-id": EXIT.config,
  "keys.tampered": EXIT.internal,
  "keys.no-key": EXIT.usage,
  "keys.not-stored": EXIT.failed,
  "keys.file": EXIT.noInput,
  "keys.busy": EXIT.unavailable,
};

/** What a person has to mend ends the command with its code. */
export function withoutKeysError<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!isKeysError(error)) throw error;
    throw new CommandError(ENDS[error.code], `${error.message} [${error.code}]`, { cause: error });
  }
}
