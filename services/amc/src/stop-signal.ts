import { EXIT } from "./exit-codes.ts";

/**
 * Aborts at the first SIGINT or SIGTERM; a second one ends the process at once. Aborts, too, when the
 * process that started this one with a channel is gone, however it went: nobody is left behind.
 */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      controller.abort();
      process.once(signal, () => process.exit(EXIT.internal));
    });
  }
  if (process.channel !== undefined) {
    process.once("disconnect", () => controller.abort());
    // Listening to it must not keep a process that is done.
    process.channel.unref();
  }
  return controller.signal;
}

/** Resolves when `signal` aborts. */
export function untilStopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Whether an error is the end that `signal` has asked for, and no failure. */
export function isStop(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted && error === signal.reason;
}
