/**
 * What a schema registry may answer or not answer. `unavailable` alone says nothing about a schema:
 * whoever meets it waits. Which of the others dead-letter a record and which end the process is in
 * `runtime/failure.ts`.
 */
export type RegistryErrorCode =
  /** No answer, one that is not the registry's, or one that says to come again. */
  | "registry.unavailable"
  /** The registry is up and has no schema of this id. */
  | "registry.unknown-schema"
  /** The registry has it, under other subjects than that of the topic. */
  | "registry.foreign-schema"
  /** Registered for the topic, but not a release of this build: the writer is newer. */
  | "registry.newer-schema"
  /** The subject's rule refuses the schema. */
  | "registry.incompatible"
  | "registry.invalid-schema"
  /** A release of this build that nobody has registered. */
  | "registry.unregistered"
  /** It does not let us, or does not do what it says. */
  | "registry.refused"
  /** An id stands for another schema than it should. */
  | "registry.inconsistent";

export type RegistryFacts = Readonly<Record<string, string | number>>;

export class RegistryError extends Error {
  readonly code: RegistryErrorCode;
  readonly facts: RegistryFacts;

  constructor(
    code: RegistryErrorCode,
    message: string,
    facts: RegistryFacts,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "RegistryError";
    this.code = code;
    this.facts = facts;
  }
}

export function isRegistryError(error: unknown, code?: RegistryErrorCode): error is RegistryError {
  return error instanceof RegistryError && (code === undefined || error.code === code);
}
