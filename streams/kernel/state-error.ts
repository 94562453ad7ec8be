/**
 * `state.format`: stored in a layout that this version does not read. `state.unreadable`: stored in
 * a layout of this version, and yet not what it writes. `state.unknown-store`: no stage of this
 * version owns it.
 */
export type StateErrorCode = "state.format" | "state.unreadable" | "state.unknown-store";

/** Which stored value it is; `found` and `expected` are numbers of formats. */
export interface StateErrorFacts {
  readonly stage: string;
  readonly store: string;
  readonly key: string;
  readonly [fact: string]: string | number;
}

/** Stored state that this version cannot go on from; nothing but another version or new state helps. */
export class StateError extends Error {
  readonly code: StateErrorCode;
  readonly facts: StateErrorFacts;

  constructor(
    code: StateErrorCode,
    message: string,
    facts: StateErrorFacts,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "StateError";
    this.code = code;
    this.facts = facts;
  }
}

export function isStateError(error: unknown): error is StateError {
  return error instanceof StateError;
}

/** `features` of `features.window`: a store is named after the stage that owns it. */
export function stageOfStore(store: string): string {
  const [stage = store] = store.split(".");
  return stage;
}
