/** Stable codes of recordings. Callers match the code, never the text or the class. */
export type RecordingErrorCode =
  /** The manifest could not be read or is not JSON. */
  | "recording.manifest-unreadable"
  /** The manifest breaks its schema; the message lists every field with its fix. */
  | "recording.manifest-invalid"
  /** A path names no file below the data root. */
  | "recording.source-missing"
  /** A path leads out of the data root. */
  | "recording.path-outside-root"
  /** A file cannot be opened, or is no archive of the kind it is read as. */
  | "recording.source-unreadable"
  /** A source declared ascending is not in order of publication. */
  | "recording.out-of-order"
  /** A source that needs sorting holds more facts than are sorted in memory. */
  | "recording.too-large-to-sort"
  /** Files or manifest are not those of the play that is to be resumed. */
  | "recording.changed"
  /** The log holds another recording; time would run backwards. */
  | "recording.other-in-log"
  /** A scheduler has written time of its own to the log; that of the recording would run backwards. */
  | "recording.live-log"
  /** The log has made-up facts and the recording real ones, or the other way round. */
  | "recording.mixed-log"
  /** The log lacks a topic that a recording writes. */
  | "recording.topic-missing";

export interface RecordingErrorFacts {
  readonly path?: string;
  readonly row?: number;
  readonly column?: number;
  readonly [fact: string]: string | number | undefined;
}

export class RecordingError extends Error {
  readonly code: RecordingErrorCode;
  readonly facts: RecordingErrorFacts;

  constructor(
    code: RecordingErrorCode,
    message: string,
    facts: RecordingErrorFacts = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "RecordingError";
    this.code = code;
    this.facts = facts;
  }
}

export function isRecordingError(
  error: unknown,
  code?: RecordingErrorCode,
): error is RecordingError {
  return error instanceof RecordingError && (code === undefined || error.code === code);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
