/** Stable codes of everything about Postgres. Callers match the code, never the text or the class. */
export type PostgresErrorCode =
  | "postgres.not-found"
  | "postgres.unusable-binaries"
  | "postgres.no-unprivileged-user"
  | "postgres.unsafe-directory"
  | "postgres.unreachable-directory"
  | "postgres.in-use"
  | "postgres.initdb-failed"
  | "postgres.start-failed"
  | "postgres.stop-failed"
  | "postgres.cannot-connect"
  | "postgres.connection-config"
  | "postgres.number-out-of-range"
  | "postgres.migration-failed"
  | "postgres.migration-format"
  | "postgres.schema-exists"
  | "postgres.schema-missing";

export interface PostgresErrorFacts {
  readonly path?: string;
  readonly pid?: number;
  readonly command?: string;
  readonly migration?: string;
  readonly schema?: string;
  readonly projection?: string;
  readonly topic?: string;
  readonly partition?: number;
  readonly [fact: string]: string | number | undefined;
}

export class PostgresError extends Error {
  readonly code: PostgresErrorCode;
  readonly facts: PostgresErrorFacts;

  constructor(
    code: PostgresErrorCode,
    message: string,
    facts: PostgresErrorFacts = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "PostgresError";
    this.code = code;
    this.facts = facts;
  }
}

/** The `code` of a Node system error or the SQLSTATE of a server error; undefined without one. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
