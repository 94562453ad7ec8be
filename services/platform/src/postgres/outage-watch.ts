import { isOutage } from "./classify.ts";
import { errorCode } from "./errors.ts";

/** A server that does not serve. */
export interface Outage {
  /** Of the newest failure: SQLSTATE or socket error, `connection-lost` where the driver has none. */
  readonly code: string;
  /** When the first failure was seen, on the clock of whoever watches. */
  readonly sinceMs: number;
}

/** Remembers since when a server has not served, from what its callers tell of their work. */
export class OutageWatch {
  readonly #now: () => number;
  #outage: Outage | null = null;

  constructor(now: () => number) {
    this.#now = now;
  }

  get outage(): Outage | null {
    return this.#outage;
  }

  /** Notes a failure; returns whether it means that the server does not serve. */
  failed(error: unknown): boolean {
    if (!isOutage(error)) return false;
    const sinceMs = this.#outage?.sinceMs ?? this.#now();
    this.#outage = { code: errorCode(error) ?? "connection-lost", sinceMs };
    return true;
  }

  /** The server has done something; returns the outage that this ends. */
  answered(): Outage | null {
    const ended = this.#outage;
    this.#outage = null;
    return ended;
  }
}
