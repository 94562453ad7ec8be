import { isOutage } from "./failure.ts";
import { RuntimeError } from "./runtime-error.ts";
import { STALL_LIMIT_MS } from "./watchdog.ts";

/**
 * Watches work that is tried again. An outage is waited for; failures that no outage explains and
 * nothing interrupts are a stall like any other after a minute, or a write that is refused for ever
 * would look like patience.
 */
export class Failing {
  readonly #now: () => number;
  #sinceMs: number | null = null;

  /** `now`: monotonic ms. */
  constructor(now: () => number) {
    this.#now = now;
  }

  succeeded(): void {
    this.#sinceMs = null;
  }

  /** The `runtime.stalled` that this failure makes of those before it; null while there is hope. */
  stallOf(error: unknown, facts: Readonly<Record<string, string | number>>): RuntimeError | null {
    const nowMs = this.#now();
    this.#sinceMs = isOutage(error) ? null : (this.#sinceMs ?? nowMs);
    const failingMs = nowMs - (this.#sinceMs ?? nowMs);
    if (failingMs <= STALL_LIMIT_MS) return null;
    const reason = error instanceof Error ? error.message : String(error);
    return new RuntimeError(
      "runtime.stalled",
      `nothing but failures for ${Math.round(failingMs / 1000)} s, and nobody is away: ${reason}`,
      { ...facts, failingMs },
      { cause: error },
    );
  }
}
