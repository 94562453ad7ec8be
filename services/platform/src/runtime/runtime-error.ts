export type RuntimeErrorCode =
  | "runtime.stage-stopped"
  | "runtime.stalled"
  | "runtime.clock-unreadable"
  | "runtime.clock-went-back"
  | "runtime.slice-too-large";

/** A failure that ends a stage's process; `facts` say where it stood. */
export class RuntimeError extends Error {
  readonly code: RuntimeErrorCode;
  readonly facts: Readonly<Record<string, string | number>>;

  constructor(
    code: RuntimeErrorCode,
    message: string,
    facts: Readonly<Record<string, string | number>>,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "RuntimeError";
    this.code = code;
    this.facts = facts;
  }
}
