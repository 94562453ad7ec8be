import { errorCode } from "../postgres/errors.ts";

type JobErrorCode =
  /** The attempt took longer than its job may. */
  | "job.deadline"
  /** Whoever made the attempt was killed. */
  | "job.interrupted";

/** Why an attempt at a run failed though its work said nothing. */
export class JobError extends Error {
  readonly code: JobErrorCode;
  readonly facts: Readonly<Record<string, string | number>>;

  constructor(
    code: JobErrorCode,
    message: string,
    facts: Readonly<Record<string, string | number>>,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "JobError";
    this.code = code;
    this.facts = facts;
  }
}

/** Of the edge, which refuses what is longer (`validateFact`). */
const MESSAGE_LENGTH_MAX = 500;
const CODE_LENGTH_MAX = 200;

/**
 * What an event says of a failure. Errors with a code are ours or a library's and name no secret; what
 * has none is a defect, whose text nobody has looked at: the log of the service has it.
 */
export function failureOf(error: unknown): { errorCode: string; errorMessage: string } {
  const code = errorCode(error) ?? "";
  if (!(error instanceof Error) || code === "") {
    return {
      errorCode: "unknown",
      errorMessage: "a defect of ours; the log of the service has it",
    };
  }
  return {
    errorCode: code.slice(0, CODE_LENGTH_MAX),
    errorMessage: eventText(error.message) || code,
  };
}

/** A text that holds a line break, or is longer, would not be taken by whoever reads the event. */
export function eventText(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]+/gu, " ").slice(0, MESSAGE_LENGTH_MAX);
}
