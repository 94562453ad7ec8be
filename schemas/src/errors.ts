/** Stable codes of what makes an event impossible to encode. Callers match the code, never the text. */
export type EncodeErrorCode =
  | "event.too-large"
  | "event.not-finite"
  | "event.negative-zero"
  | "event.text"
  | "event.too-many-items"
  | "event.type";

/** A programmer's error: an event that must not enter the log was handed to the codec. */
export class EncodeError extends Error {
  readonly code: EncodeErrorCode;
  readonly topic: string;
  /** Path inside the value such as `inputs.confidence`; null when it is about the whole. */
  readonly field: string | null;

  constructor(
    code: EncodeErrorCode,
    message: string,
    topic: string,
    field: string | null,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "EncodeError";
    this.code = code;
    this.topic = topic;
    this.field = field;
  }
}
