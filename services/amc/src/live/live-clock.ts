import { WAITING_CLOCK, type WaitingClock } from "@amc/platform/http/waiting-clock";

/** Time that passes as it does here, and began at another instant, UTC ms. */
export function clockFrom(startMs: number): WaitingClock {
  const offsetMs = startMs - WAITING_CLOCK.nowMs();
  return { ...WAITING_CLOCK, nowMs: () => WAITING_CLOCK.nowMs() + offsetMs };
}
