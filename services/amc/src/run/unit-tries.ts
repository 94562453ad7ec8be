import { type Unit, unitName } from "@amc/platform/assignment/unit";
import { errorCode } from "@amc/platform/postgres/errors";
import { retryTransient } from "@amc/platform/runtime/retry-transient";

/** Does the work of a unit once; calls `opened` when all that it needs was taken over and it goes on from there. */
type Try = (opened: () => void) => Promise<void>;

/**
 * The work on units, tried again through failures that pass, and how it stands: a unit that was taken
 * up and does not work yet, or fails over and over, is nobody's work meanwhile.
 */
export class UnitTries {
  /** By unit, why it does not work; null while it does. */
  readonly #problems = new Map<string, string | null>();

  /** As `retryTransient`, with the code of each failure for `onRetry`. */
  async run(
    unit: Unit,
    signal: AbortSignal,
    work: Try,
    onRetry: (
      failure: { readonly error: unknown; readonly code: string },
      retryInMs: number,
    ) => void,
  ): Promise<boolean> {
    const name = unitName(unit);
    this.#problems.set(name, "is being opened");
    try {
      const opened = (): void => void this.#problems.set(name, null);
      return await retryTransient(
        signal,
        () => work(opened),
        (error, retryInMs) => {
          const code = errorCode(error) ?? "unknown";
          this.#problems.set(name, `fails with ${code}`);
          onRetry({ error, code }, retryInMs);
        },
      );
    } finally {
      this.#problems.delete(name);
    }
  }

  /** Why units that are worked on here do not get on; empty when they all do, and without any. */
  problems(): string[] {
    return [...this.#problems].flatMap(([name, problem]) =>
      problem === null ? [] : [`${name}: ${problem}`],
    );
  }
}
