import type { WaitingClock } from "@amc/platform/http/waiting-clock";
import type { Log } from "@amc/platform/log/port";
import { nextTickMs, type TickSchedule } from "@amc/streams/market/clock-ticks";
import { LiveClock, type PublishedTicks } from "./live-clock.ts";

export interface RunClockOptions {
  readonly log: Log;
  readonly schedule: TickSchedule;
  /**
   * Ms from the instant of a tick to its cut: what is published up to the instant and reaches the log
   * within it is in the slice, what comes later is late.
   */
  readonly waitMs: number;
  readonly clock: WaitingClock;
  readonly observer: SchedulerObserver;
  /** Does what the ticks ask for, before time goes on; left out where others do it in their own time. */
  readonly doJobs?: (signal: AbortSignal) => Promise<void>;
}

/** Told of the clock's life. */
export interface SchedulerObserver {
  /** The clock was taken over; `lastTickMs` is where it goes on, UTC ms, null at the beginning of time. */
  opened(lastTickMs: number | null): void;
  /**
   * Ticks are in the log; it took them `elapsedMs` from their being due, of the newest. After `opened` it
   * may be those that the owner before had decided, or, when these came too late, none but missed runs.
   */
  published(published: PublishedTicks, elapsedMs: number): void;
}

/**
 * Publishes time until `signal` aborts; before the clock was taken over it rejects with the reason of that.
 * Rejects as `LiveClock` and `doJobs` do.
 */
export async function runClock(options: RunClockOptions, signal: AbortSignal): Promise<void> {
  const { log, schedule, waitMs, clock, observer, doJobs } = options;
  const live = await LiveClock.open(log, schedule, signal);
  const tell = (published: PublishedTicks): void => {
    const newestMs = published.ticks.at(-1);
    const elapsedMs = newestMs === undefined ? 0 : clock.nowMs() - waitMs - newestMs;
    observer.published(published, elapsedMs);
  };
  observer.opened(live.lastTickMs);
  if (live.recovered !== null) tell(live.recovered);
  // What was asked for before a kill is still to be done.
  await doJobs?.(signal);
  while (!signal.aborted) {
    const untilMs = clock.nowMs() - waitMs;
    const published = await live.publish(untilMs);
    if (published.ticks.length > 0) tell(published);
    if (published.runs.length > 0) await doJobs?.(signal);
    const dueMs = nextTickMs(untilMs, schedule) + waitMs;
    await clock.sleep(Math.max(0, dueMs - clock.nowMs()), signal);
  }
}
