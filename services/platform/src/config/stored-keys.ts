import type { z } from "zod";
import { KeyStore, keysProblem } from "../keys/key-store.ts";
import { isKeysError } from "../keys/keys-error.ts";
import { parseMasterKeys } from "../keys/master-key.ts";
import type { ConfigProblem } from "./config-error.ts";
import { STORABLE_KEYS } from "./provider-variables.ts";
import { VARIABLES } from "./variables.ts";

type Texts = Readonly<Record<string, string>>;

/** Keys of providers that the environment leaves to the store. */
export interface StoredKeys {
  readonly keys: Texts;
  /** Names of those that may be stored and could not be looked at, which is the problem below. */
  readonly unknown: Texts;
  readonly problems: readonly ConfigProblem[];
}

const NONE: StoredKeys = { keys: {}, unknown: {}, problems: [] };
/** Where keys are stored, and under what. */
export const KEY_SETTINGS = VARIABLES.pick({ AMC_KEY_STORE: true, API_KEY_ENCRYPTION_KEY: true });
export type KeySettings = z.output<typeof KEY_SETTINGS>;

/**
 * Stored keys that are not given by other means. Without a master key nothing is looked up; one that
 * is none is told of with the other variables.
 */
export function storedKeys(given: Texts): StoredKeys {
  const settings = KEY_SETTINGS.safeParse(given).data;
  const names = STORABLE_KEYS.filter((name) => !Object.hasOwn(given, name));
  if (settings?.API_KEY_ENCRYPTION_KEY === undefined || names.length === 0) return NONE;
  const masters = parseMasterKeys(settings.API_KEY_ENCRYPTION_KEY);
  try {
    const keys = new KeyStore({ path: settings.AMC_KEY_STORE, masters }).open(names);
    return { ...NONE, keys: Object.fromEntries(keys) };
  } catch (error) {
    const isFile = isKeysError(error, "keys.file");
    const variable = isFile ? "AMC_KEY_STORE" : "API_KEY_ENCRYPTION_KEY";
    const unknown = Object.fromEntries(names.map((name) => [name, ""]));
    return { keys: {}, unknown, problems: [{ variable, message: keysProblem(error) }] };
  }
}
