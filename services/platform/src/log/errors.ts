/** Stable codes of the log port. Callers match the code, never the text or the class. */
export type LogErrorCode =
  | "log.unknown-topic"
  | "log.unknown-partition"
  | "log.offset-out-of-range"
  | "log.fenced"
  | "log.stopped"
  | "log.locked"
  | "log.corrupt"
  | "log.format"
  | "log.disk-full"
  | "log.record-too-large"
  | "log.invalid-commit"
  | "log.read-only"
  | "log.cannot-open"
  | "log.closed"
  | "log.unavailable"
  | "log.outcome-unknown"
  | "log.refused"
  | "log.topics-differ"
  | "log.topic-replaced";

export interface LogErrorFacts {
  readonly topic?: string;
  readonly partition?: number;
  readonly offset?: number;
  readonly key?: string;
  readonly path?: string;
  readonly group?: string;
  /** Who did not answer, where that is why an outcome is unknown: whoever is away is waited for. */
  readonly away?: string;
  readonly [fact: string]: string | number | undefined;
}

export class LogError extends Error {
  readonly code: LogErrorCode;
  readonly facts: LogErrorFacts;

  constructor(
    code: LogErrorCode,
    message: string,
    facts: LogErrorFacts = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "LogError";
    this.code = code;
    this.facts = facts;
  }
}

export function isLogError(error: unknown, code?: LogErrorCode): error is LogError {
  return error instanceof LogError && (code === undefined || error.code === code);
}
