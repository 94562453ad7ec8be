import type { Log, Position } from "./port.ts";

/**
 * Returns when one of the positions has a record to read, or when `signal` aborts. Ends every wait
 * before it returns, also when one of them throws what the log does.
 */
export async function waitForAny(
  log: Log,
  positions: readonly Position[],
  signal: AbortSignal,
): Promise<void> {
  const arrived = new AbortController();
  const either = AbortSignal.any([signal, arrived.signal]);
  const waits = positions.map(({ topic, partition, next }) =>
    log.waitFor(topic, partition, next, either),
  );
  try {
    await Promise.race(waits);
  } finally {
    arrived.abort();
    await Promise.allSettled(waits);
  }
}
