export interface ListenFacts {
  readonly host: string;
  readonly port: number;
  /** Of the operating system, such as EADDRINUSE. */
  readonly reason: string;
}

/** The port for `/livez`, `/readyz` and `/metrics` cannot be had. */
export class OperationsListenError extends Error {
  readonly code = "operations.cannot-listen";
  readonly facts: ListenFacts;

  constructor(facts: ListenFacts, cause: unknown) {
    const { host, port, reason } = facts;
    super(
      `cannot listen at ${host}, port ${port} (${reason}): choose another OPERATIONS_PORT; 0 takes free ones`,
      { cause },
    );
    this.name = "OperationsListenError";
    this.facts = facts;
  }
}
