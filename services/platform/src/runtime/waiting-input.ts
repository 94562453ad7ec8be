import type { Log, Position } from "../log/port.ts";
import { waitingFrom } from "./stage-lag.ts";

/** How long the oldest record behind these positions has been in the log, ms; 0 without one. */
export async function waitingMs(
  log: Log,
  positions: readonly Position[],
  nowMs: number,
): Promise<number> {
  let oldestMs = nowMs;
  for (const { topic, partition, next } of positions) {
    const waiting = await waitingFrom(log, topic, partition, next);
    oldestMs = Math.min(oldestMs, waiting?.sinceMs ?? nowMs);
  }
  return nowMs - oldestMs;
}
