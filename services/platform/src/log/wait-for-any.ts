import type { Log, Position } from "./port.ts";

/**
 * Returns when one of the positions has a record to read, or when `signal` aborts: those of them that
 * are known to have one then, none after an abort. Ends every wait before it returns, also when one
 * of them throws what the log does.
 */
export async function waitForAny(
  log: Log,
  positions: readonly Position[],
  signal: AbortSignal,
): Promise<readonly Position[]> {
  const ended = new AbortController();
  const either = AbortSignal.any([signal, ended.signal]);
  const arrived: Position[] = [];
  const waits = positions.map(async (position) => {
    await log.waitFor(position.topic, position.partition, position.next, either);
    // A wait that was ended returns in the same way.
    if (!either.aborted) arrived.push(position);
  });
  try {
    await Promise.race(waits);
  } finally {
    ended.abort();
    await Promise.allSettled(waits);
  }
  return arrived;
}
