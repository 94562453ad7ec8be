/** Stable codes of stored keys. Callers match the code, never the text. */
export type KeysErrorCode =
  /** Keys are stored, and no master key is given to open them with. */
  | "keys.no-master-key"
  /** What is given as master key is none. */
  | "keys.master-key-format"
  /** No stored key was sealed under a master key that is given. */
  | "keys.wrong-master-key"
  /** One stored key was sealed under a master key that is not given; others can be opened. */
  | "keys.unknown-key-id"
  /** A stored key, its name or its date was changed after it was sealed. */
  | "keys.tampered"
  /** What is to be stored is no key of a provider. */
  | "keys.no-key"
  | "keys.not-stored"
  /** The file of the keys cannot be read or written, or is none. */
  | "keys.file"
  /** Another process is changing the file. */
  | "keys.busy";

/** Something about stored keys that a person has to mend. Message and facts hold no secret. */
export class KeysError extends Error {
  readonly code: KeysErrorCode;
  readonly facts: Readonly<Record<string, string>>;

  constructor(
    code: KeysErrorCode,
    message: string,
    facts: Readonly<Record<string, string>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "KeysError";
    this.code = code;
    this.facts = facts;
  }
}

export function isKeysError(error: unknown, code?: KeysErrorCode): error is KeysError {
  return error instanceof KeysError && (code === undefined || error.code === code);
}
