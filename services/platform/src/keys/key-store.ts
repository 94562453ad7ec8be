import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { isLogError } from "../log/errors.ts";
import { WriterLock } from "../log/file/writer-lock.ts";
import { keyFileText, readKeyFile } from "./key-file.ts";
import { isKeysError, KeysError } from "./keys-error.ts";
import type { MasterKey } from "./master-key.ts";
import { type ReplaceStep, replaceFile } from "./replace-file.ts";
import { openKey, type SealedKey, sealKey } from "./sealed-key.ts";

/** Longer than any provider's key. */
const SECRET_CHARACTERS_MAX = 4_096;

export interface KeyStoreOptions {
  readonly path: string;
  /** The first one seals; empty where nothing is opened or sealed. */
  readonly masters: readonly MasterKey[];
  /** Told of every step of writing the file: where a test ends the process. */
  readonly onStep?: (step: ReplaceStep) => void;
}

/** Keys of providers in one file, each sealed by itself; the file is replaced as a whole. */
export class KeyStore {
  readonly #options: KeyStoreOptions;

  constructor(options: KeyStoreOptions) {
    this.#options = options;
  }

  /** What is stored, without the keys themselves: no master key is needed. */
  list(): readonly SealedKey[] {
    return readKeyFile(this.#options.path);
  }

  /** Whether the master key of this id is given. */
  canOpen(keyId: string): boolean {
    return this.#options.masters.some(({ id }) => id === keyId);
  }

  /** The keys of these names, those that are stored. Throws KeysError. */
  open(names: readonly string[]): ReadonlyMap<string, string> {
    const keys = this.list();
    const wanted = keys.filter(({ name }) => names.includes(name));
    if (wanted.length > 0) this.#expectMasters(keys);
    return new Map(wanted.map((key) => [key.name, openKey(key, this.#options.masters)]));
  }

  /**
   * Stores a key, in the place of the one of this name, and returns the id of the master key that it
   * is sealed under. Throws KeysError.
   */
  set(name: string, secret: string, sealedAt: string): string {
    checkSecret(name, secret);
    const master = this.#first();
    this.#change((keys) => {
      this.#expectMasters(keys);
      const others = keys.filter((key) => key.name !== name);
      return [...others, sealKey(name, secret, master, sealedAt)];
    });
    return master.id;
  }

  /** Throws `keys.not-stored`. */
  remove(name: string): void {
    this.#change((keys) => {
      const others = keys.filter((key) => key.name !== name);
      if (others.length < keys.length) return others;
      throw new KeysError("keys.not-stored", `${name} is not stored`, { name });
    });
  }

  /**
   * Seals every key anew under the first master key. Until the file is replaced all of them stand
   * under the old ones, afterwards under the new one. Throws KeysError, and then nothing changed.
   */
  rotate(sealedAt: string): readonly SealedKey[] {
    return this.#change((keys) => {
      this.#expectMasters(keys);
      const { masters } = this.#options;
      return keys.map((key) => sealKey(key.name, openKey(key, masters), this.#first(), sealedAt));
    });
  }

  #change(change: (keys: readonly SealedKey[]) => readonly SealedKey[]): readonly SealedKey[] {
    const { path, onStep } = this.#options;
    const lock = lockBeside(path);
    try {
      const changed = change(readKeyFile(path));
      asKeysError(path, () => replaceFile(path, keyFileText(changed), onStep));
      return changed;
    } finally {
      lock.release();
    }
  }

  #first(): MasterKey {
    const [first] = this.#options.masters;
    if (first !== undefined) return first;
    const message = "keys are sealed under API_KEY_ENCRYPTION_KEY, which is not given";
    throw new KeysError("keys.no-master-key", message);
  }

  /** One master key that fits nothing at all is a wrong one, and must not seal beside the others. */
  #expectMasters(keys: readonly SealedKey[]): void {
    this.#first();
    const { masters, path } = this.#options;
    const given = new Set(masters.map(({ id }) => id));
    if (keys.length === 0 || keys.some(({ keyId }) => given.has(keyId))) return;
    const needed = [...new Set(keys.map(({ keyId }) => keyId))].join(", ");
    const message = `API_KEY_ENCRYPTION_KEY is ${[...given].join(", ")}, and every key in ${path} is sealed under ${needed}: give that one, too`;
    throw new KeysError("keys.wrong-master-key", message, { path, needed });
  }
}

function checkSecret(name: string, secret: string): void {
  // What is sent in a header or an address; a line too many is a mistake of whoever made the file.
  if (/^[\x21-\x7e]+$/.test(secret) && secret.length <= SECRET_CHARACTERS_MAX) return;
  const message = `what is given for ${name} is no key: one line without blanks, at most ${SECRET_CHARACTERS_MAX} characters`;
  throw new KeysError("keys.no-key", message, { name });
}

function lockBeside(path: string): WriterLock {
  asKeysError(path, () => mkdirSync(dirname(path), { recursive: true, mode: 0o700 }));
  try {
    return new WriterLock(`${path}.lock`);
  } catch (error) {
    if (!isLogError(error)) throw error;
    const code = error.code === "log.locked" ? "keys.busy" : "keys.file";
    throw new KeysError(code, error.message, { path }, { cause: error });
  }
}

/** What the file system refuses is for a person to mend. */
function asKeysError(path: string, work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Error && "syscall" in error && "code" in error)) throw error;
    const message = `${path} cannot be written (${String(error.code)})`;
    throw new KeysError("keys.file", message, { path }, { cause: error });
  }
}

/** The reason why stored keys cannot be used, as one line with its code; other errors are thrown on. */
export function keysProblem(error: unknown): string {
  if (!isKeysError(error)) throw error;
  return `${error.message} [${error.code}]`;
}
