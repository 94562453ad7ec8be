import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CallWindow, slidingWindow, tokenBucket } from "./call-windows.ts";

/** Sends as soon as allowed, for each wish to send; the instants of sending. */
function sendAll(window: CallWindow, wishes: readonly number[]): number[] {
  let now = 0;
  return wishes.map((wish) => {
    now = Math.max(now, wish);
    now += window.waitMs(now);
    window.note(now);
    return now;
  });
}

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
