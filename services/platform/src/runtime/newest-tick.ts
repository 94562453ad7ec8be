import type { Clock } from "@amc/schemas/generated/events";
import type { Log, LogRecord } from "../log/port.ts";
import { decodeRecord } from "./decode-record.ts";
import { CLOCK } from "./inputs.ts";
import { RuntimeError } from "./runtime-error.ts";

/**
 * Who wrote a tick of the scheduler. Readers take what is not newer than the last tick of the same
 * source for a copy, and stop at one of another source that is.
 */
export const LIVE_SOURCE = "scheduler";

/**
 * The newest tick of a log, null before the first; every tick is in every partition, so the first one
 * tells. Throws `runtime.clock-unreadable`.
 */
export async function newestTick(log: Log): Promise<Clock | null> {
  const end = await log.endOffset(CLOCK, 0);
  if (end <= (await log.startOffset(CLOCK, 0))) return null;
  const [record] = await log.read(CLOCK, 0, end - 1, { maxRecords: 1, maxBytes: 1 });
  return record === undefined ? null : tickOf(record);
}

/**
 * Instant of the first tick of the scheduler, UTC ms; null where it has published none. Recordings are
 * played before time is published and never behind it, so halving the log finds the seam in some twenty
 * reads. Throws `runtime.clock-unreadable`.
 */
export async function liveSinceMs(log: Log): Promise<number | null> {
  let sinceMs: number | null = null;
  let low = await log.startOffset(CLOCK, 0);
  let high = await log.endOffset(CLOCK, 0);
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [record] = await log.read(CLOCK, 0, middle, { maxRecords: 1, maxBytes: 1 });
    const tick = record === undefined ? null : tickOf(record);
    if (record !== undefined && tick !== null && tick.source !== LIVE_SOURCE) {
      low = record.offset + 1;
    } else {
      sinceMs = tick?.happenedAt ?? sinceMs;
      high = middle;
    }
  }
  return sinceMs;
}

function tickOf(record: LogRecord): Clock {
  const decoded = decodeRecord(record, false);
  if (decoded.ok && decoded.event.topic === CLOCK) return decoded.event.value;
  throw new RuntimeError("runtime.clock-unreadable", "a clock tick cannot be read", {
    topic: CLOCK,
    partition: 0,
    offset: record.offset,
    reason: decoded.ok ? "not a clock event" : decoded.reason,
  });
}
