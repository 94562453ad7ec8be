import { afterEach, describe, expect, it, vi } from "vitest";
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

  it("is no failure when the signal cut it short", async () => {
    const stop = new AbortController();
    const work = async () => {
      stop.abort(new Error("the unit is let go"));
      stop.signal.throwIfAborted();
    };
    const retries: unknown[] = [];
    expect(await retryTransient(stop.signal, work, (error) => retries.push(error))).toBe(false);
    expect(retries).toEqual([]);
  });

  describe("without jitter", () => {
    afterEach(() => vi.restoreAllMocks());

    /** How often work that takes so long was tried before it was given up, and why it was. */
    async function triesOf(error: LogError, lastsMs: number, triesMost: number) {
      vi.spyOn(Math, "random").mockReturnValue(0);
      const stop = new AbortController();
      let [nowMs, tries] = [0, 0];
      const work = async () => {
        nowMs += lastsMs;
        tries += 1;
        if (tries === triesMost) stop.abort();
        throw error;
      };
      const ended = await retryTransient(
        stop.signal,
        work,
        () => undefined,
        () => nowMs,
      ).catch((thrown: unknown) => thrown);
      return { tries, ended };
    }

    it("is given up after a minute of nothing but failures that nobody's absence explains", async () => {
      const odd = new LogError("log.outcome-unknown", "the server has failed");
      const { tries, ended } = await triesOf(odd, 20_000, 100);
      expect(tries).toBe(5);
      expect(ended).toMatchObject({ code: "runtime.stalled", cause: odd });
    });

    it("is tried for as long as an outage lasts", async () => {
      expect(await triesOf(away(), 20_000, 50)).toEqual({ tries: 50, ended: false });
    });
  });
});
