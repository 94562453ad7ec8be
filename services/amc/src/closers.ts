import { errorCode } from "@amc/platform/postgres/errors";

/** What has been opened so far, to be closed in reverse when a later part does not open. */
export class Closers {
  readonly #closers: (() => Promise<void>)[] = [];

  add(close: () => Promise<void>): void {
    this.#closers.push(close);
  }

  /**
   * Closes everything, last opened first; one that fails does not keep the others open. Throws what
   * failed to close, behind the failure for which it is closed where there is one.
   */
  async close(reason?: unknown): Promise<void> {
    const failures: unknown[] = [];
    for (const close of this.#closers.splice(0).reverse()) {
      await close().catch((error: unknown) => failures.push(error));
    }
    if (failures.length === 0) return;
    const before = reason === undefined ? "" : `${told(reason)}; `;
    const message = `${before}not everything closed cleanly: ${failures.map(told).join("; ")}`;
    throw new AggregateError(reason === undefined ? failures : [reason, ...failures], message);
  }
}

/** Only the text of an error of several is printed, and a code is what to look up. */
function told(error: unknown): string {
  const code = errorCode(error);
  return `${code === undefined ? "" : `[${code}] `}${String(error)}`;
}
