import { describe, expect, it } from "vitest";
import { LogError } from "../log/errors.ts";
import { retryTransient } from "./retry-transient.ts";

const away = () => new LogError("log.unavailable", "no broker answers");

describe("work that is tried again", () => {
  it("is done when a transient failure has passed, with a wait after each", async () => {
    const failures = [away(), away()];
    const waits: number[] = [];
    const isDone = await retryTransient(
      new AbortController().signal,
      async () => {
        const failure = failures.shift();
        if (failure !== undefined) throw failure;
      },
      (_error, retryInMs) => waits.push(retryInMs),
    );
    expect(isDone).toBe(true);
    expect(waits).toHaveLength(2);
    // Full jitter below 200 ms, then below twice that.
    expect(waits[0]).toBeLessThanOrEqual(200);
    expect(waits[1]).toBeLessThanOrEqual(400);
  });

  it("fails at once with what no later try can change", async () => {
    const fenced = new LogError("log.fenced", "somebody newer");
    const work = async () => {
      throw fenced;
    };
    const retries: unknown[] = [];
    const signal = new AbortController().signal;
    await expect(retryTransient(signal, work, (error) => retries.push(error))).rejects.toBe(fenced);
    expect(retries).toEqual([]);
  });

  it("is cut short by the signal, and says that it is not done", async () => {
    const stop = new AbortController();
    const work = async () => {
      throw away();
    };
    expect(await retryTransient(stop.signal, work, () => stop.abort())).toBe(false);
  });
});
