/** Stable codes of everything about the stack. Callers match the code, never the text or the class. */
export type StackErrorCode =
  | "stack.busy"
  | "stack.checksum"
  | "stack.cluster-changed"
  | "stack.containers-failed"
  | "stack.download-failed"
  | "stack.given-unreachable"
  | "stack.home-format"
  | "stack.in-containers"
  | "stack.no-free-port"
  | "stack.not-installed"
  | "stack.not-ready"
  | "stack.port-taken"
  | "stack.registry-refused"
  | "stack.start-failed"
  | "stack.stop-failed"
  | "stack.topics-differ"
  | "stack.topics-refused";

export interface StackErrorFacts {
  readonly part?: string;
  readonly path?: string;
  readonly pid?: number;
  readonly port?: number;
  readonly url?: string;
  readonly [fact: string]: string | number | undefined;
}

export class StackError extends Error {
  readonly code: StackErrorCode;
  readonly facts: StackErrorFacts;

  constructor(
    code: StackErrorCode,
    message: string,
    facts: StackErrorFacts = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "StackError";
    this.code = code;
    this.facts = facts;
  }
}
