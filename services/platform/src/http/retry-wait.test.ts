import { describe, expect, it } from "vitest";
import { type RetryPolicy, retryWaitMs } from "./retry-wait.ts";

const GENERIC: RetryPolicy = {
  attempts: 3,
  firstWaitMs: 2_000,
  factor: 2,
  maxWaitMs: 60_000,
  jitter: 0.25,
};

describe("the wait before another try", () => {
  it("doubles from 2 s, gives up after the third try and is never shorter (R-ING-12)", () => {
    expect([1, 2, 3].map((attempt) => retryWaitMs(GENERIC, attempt, null, 0))).toEqual([
      2_000,
      4_000,
      null,
    ]);
    expect(retryWaitMs(GENERIC, 2, null, 0.5)).toBe(4_500);
  });

  it("ends at 60 s whatever the attempt and chance", () => {
    expect(retryWaitMs({ ...GENERIC, attempts: 20 }, 12, null, 0.99)).toBe(60_000);
  });

  it("waits for what the provider asks in full or not at all", () => {
    expect(retryWaitMs(GENERIC, 1, 30_000, 0)).toBe(30_000);
    expect(retryWaitMs(GENERIC, 1, 100, 0)).toBe(2_000);
    expect(retryWaitMs(GENERIC, 1, 61_000, 0)).toBeNull();
  });
});
