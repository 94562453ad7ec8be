import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CallWindow, slidingWindow, tokenBucket } from "./call-windows.ts";

/** Sends as soon as allowed, for each wish to send; the instants of sending. */
function sendAll(window: CallWindow, wishes: readonly number[]): number[] {
  let now = 0;
  return wishes.map((wish) => {
    now = Math.max(now, wish);
    now += window.waitMs(now);
    window.begin();
    window.end(now);
    return now;
  });
}

/** A call as the provider sees it: it arrives somewhere between its beginning and its end. */
interface Flight {
  readonly lastsMs: number;
  readonly arrivesAfterMs: number;
}

/** As `sendAll`, of calls that take time, one beginning while others are under way; the instants of arrival. */
function arrivals(window: CallWindow, flights: readonly Flight[]): number[] {
  const ends: number[] = [];
  let now = 0;
  const endUntil = (atMs: number): void => {
    ends.sort((a, b) => a - b);
    while (ends.length > 0 && (ends[0] ?? 0) <= atMs) window.end(ends.shift() ?? 0);
  };
  return flights.map(({ lastsMs, arrivesAfterMs }) => {
    for (let wait = window.waitMs(now); wait > 0; wait = window.waitMs(now)) {
      ends.sort((a, b) => a - b);
      now = Math.max(now, Math.min(now + wait, ends[0] ?? Number.POSITIVE_INFINITY));
      endUntil(now);
    }
    window.begin();
    ends.push(now + lastsMs);
    return now + Math.min(lastsMs, arrivesAfterMs);
  });
}

const flights = fc.array(
  fc.record({
    lastsMs: fc.integer({ min: 0, max: 5_000 }),
    arrivesAfterMs: fc.integer({ min: 0, max: 5_000 }),
  }),
  { maxLength: 200 },
);

const wishes = fc
  .array(fc.integer({ min: 0, max: 400_000 }), { maxLength: 300 })
  .map((times) => times.toSorted((a, b) => a - b));

describe("a sliding window", () => {
  it("lets the 61st call of a minute go at 60.000 s (TV-LI-01)", () => {
    const sent = sendAll(slidingWindow(60, 60_000), new Array<number>(61).fill(0));
    expect(sent.slice(0, 60).every((at) => at === 0)).toBe(true);
    expect(sent[60]).toBe(60_000);
  });

  it("never lets more than its limit into any stretch of its length", () => {
    fc.assert(
      fc.property(wishes, fc.integer({ min: 1, max: 60 }), (times, limit) => {
        const sent = sendAll(slidingWindow(limit, 60_000), times);
        for (const [index, at] of sent.entries()) {
          const earlier = sent[index - limit];
          if (earlier !== undefined) expect(at - earlier).toBeGreaterThanOrEqual(60_000);
        }
      }),
    );
  });

  it("never lets more arrive in any stretch of its length, however long each is on its way", () => {
    fc.assert(
      fc.property(flights, fc.integer({ min: 1, max: 20 }), (calls, limit) => {
        const arrived = arrivals(slidingWindow(limit, 60_000), calls).toSorted((a, b) => a - b);
        for (const [index, at] of arrived.entries()) {
          const earlier = arrived[index - limit];
          if (earlier !== undefined) expect(at - earlier).toBeGreaterThanOrEqual(60_000);
        }
      }),
    );
  });

  it("lets 61 arrive in a minute where calls count when they are sent (control)", () => {
    // The first is late on its way, the others are not.
    const calls = Array.from({ length: 61 }, (_, index) => ({
      ...{ lastsMs: 100, arrivesAfterMs: index === 0 ? 80 : 10 },
    }));
    const sent = slidingWindow(60, 60_000);
    const atSending: CallWindow = {
      waitMs: (nowMs) => sent.waitMs(nowMs),
      begin: () => sent.begin(),
      end: (atMs) => sent.end(atMs - 100),
    };
    const within = (arrived: readonly number[]) => (arrived[60] ?? 0) - (arrived[0] ?? 0);
    expect(within(arrivals(atSending, calls))).toBeLessThan(60_000);
    expect(within(arrivals(slidingWindow(60, 60_000), calls))).toBeGreaterThanOrEqual(60_000);
  });

  it("keeps what a token bucket of the same figures breaks: the control (C-54)", () => {
    const inFirstMinute = (window: CallWindow) =>
      sendAll(window, new Array<number>(200).fill(0)).filter((at) => at < 60_000).length;
    expect(inFirstMinute(slidingWindow(60, 60_000))).toBe(60);
    expect(inFirstMinute(tokenBucket(60, 1))).toBe(119);
  });

  it("delays nobody who keeps below the limit", () => {
    const times = Array.from({ length: 200 }, (_, index) => index * 1_000);
    expect(sendAll(slidingWindow(60, 60_000), times)).toEqual(times);
  });
});

describe("a token bucket", () => {
  it("lets ten calls go at once and the 11th after 200 ms (TV-LI-02)", () => {
    const sent = sendAll(tokenBucket(10, 5), new Array<number>(11).fill(0));
    expect(sent.slice(0, 10).every((at) => at === 0)).toBe(true);
    expect(sent[10]).toBe(200);
  });

  it("is empty after a day in which others called twice as often, and not in debt", () => {
    const bucket = tokenBucket(10, 5);
    const lastMs = 86_400_000;
    for (let atMs = 0; atMs <= lastMs; atMs += 100) {
      bucket.begin();
      bucket.end(atMs);
    }
    expect(bucket.waitMs(lastMs)).toBe(200);
    expect(bucket.waitMs(lastMs + 200)).toBe(0);
  });

  it("lets at most the burst and what was refilled arrive in any stretch, however long each is on its way", () => {
    fc.assert(
      fc.property(flights, (calls) => {
        const arrived = arrivals(tokenBucket(10, 5), calls).toSorted((a, b) => a - b);
        for (const [from, first] of arrived.entries()) {
          for (const [further, last] of arrived.slice(from).entries()) {
            const refilled = ((last - first) * 5) / 1000;
            expect(further + 1).toBeLessThanOrEqual(10 + Math.floor(refilled + 1e-9));
          }
        }
      }),
      { numRuns: 20 },
    );
  });

  it("lets at most the burst and what was refilled go in any stretch", () => {
    fc.assert(
      fc.property(wishes, (times) => {
        const sent = sendAll(tokenBucket(10, 5), times);
        for (let from = 0; from < sent.length; from += 1) {
          for (let to = from; to < sent.length; to += 1) {
            const refilled = (((sent[to] ?? 0) - (sent[from] ?? 0)) * 5) / 1000;
            expect(to - from + 1).toBeLessThanOrEqual(10 + Math.floor(refilled));
          }
        }
      }),
      { numRuns: 20 },
    );
  });
});
