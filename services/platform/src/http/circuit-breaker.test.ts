import { describe, expect, it } from "vitest";
import { type BreakerChange, openBreaker } from "./circuit-breaker.ts";
import { isProviderError, ProviderError } from "./provider-error.ts";
import { VIRTUAL_START_MS, virtualClock } from "./testing/virtual-clock.ts";

const FINRA = { failures: 3, openMs: 300_000, successes: 2 };

function breakerUnderTest(limits = FINRA) {
  const clock = virtualClock();
  const changes: BreakerChange[] = [];
  const breaker = openBreaker(limits, clock, (change) => changes.push(change));
  const fail = () =>
    breaker.run(() => Promise.reject(new ProviderError("provider.unavailable", "503")));
  return { clock, changes, breaker, fail, succeed: () => breaker.run(async () => "data") };
}

describe("a circuit breaker", () => {
  it("opens after its failures in a row, tries again when its time is over and closes on success (R-ING-14)", async () => {
    const { clock, changes, breaker, fail, succeed } = breakerUnderTest();
    for (let failures = 0; failures < 3; failures += 1) {
      await expect(fail()).rejects.toMatchObject({ code: "provider.unavailable" });
    }
    clock.advance(299_999);
    expect(breaker.awaitsTrial).toBe(false);
    await expect(succeed()).rejects.toMatchObject({
      code: "provider.circuit-open",
      facts: { retryAfterMs: 1 },
    });
    clock.advance(1);
    expect(breaker.awaitsTrial).toBe(true);
    await succeed();
    expect([breaker.isClosed, breaker.awaitsTrial]).toEqual([false, true]);
    await succeed();
    expect([breaker.isClosed, breaker.awaitsTrial]).toEqual([true, false]);
    expect(changes).toEqual([
      {
        change: "OPENED",
        failureCount: 3,
        reason: "provider.unavailable",
        happenedAt: VIRTUAL_START_MS,
        autoRecoveryAt: VIRTUAL_START_MS + 300_000,
      },
      {
        change: "HALF_OPENED",
        failureCount: 3,
        reason: "provider.unavailable",
        happenedAt: VIRTUAL_START_MS + 300_000,
        autoRecoveryAt: null,
      },
      {
        change: "CLOSED",
        failureCount: 0,
        reason: null,
        happenedAt: VIRTUAL_START_MS + 300_000,
        autoRecoveryAt: null,
      },
    ]);
  });

  it("opens again when a call on trial fails, and waits its whole time again", async () => {
    const { clock, changes, fail, succeed } = breakerUnderTest();
    for (let failures = 0; failures < 3; failures += 1) await fail().catch(isProviderError);
    clock.advance(300_000);
    await expect(fail()).rejects.toMatchObject({ code: "provider.unavailable" });
    await expect(succeed()).rejects.toMatchObject({ code: "provider.circuit-open" });
    expect(changes.map(({ change }) => change)).toEqual(["OPENED", "HALF_OPENED", "OPENED"]);
    expect(changes.at(-1)?.failureCount).toBe(4);
  });

  it.each([
    [2, 0, ["failed", "refused"]],
    [3, 299_999, ["refused", "refused"]],
    [3, 300_000, ["failed", "refused"]],
    [4, -5_000, ["refused", "refused"]],
  ])("goes on from %i failures whose last was %i ms ago", async (failures, agoMs, expected) => {
    const clock = virtualClock();
    const changes: BreakerChange[] = [];
    const before = { failures, reason: "provider.timeout", lastAt: clock.nowMs() - agoMs };
    const breaker = openBreaker(FINRA, clock, (change) => changes.push(change), before);
    const ends: string[] = [];
    for (const _ of expected) {
      const failing = Promise.reject(new ProviderError("provider.unavailable", "503"));
      const end = await breaker.run(() => failing).catch((error: unknown) => error);
      failing.catch(isProviderError);
      ends.push(isProviderError(end, "provider.circuit-open") ? "refused" : "failed");
    }
    expect(ends).toEqual(expected);
    const isTried = expected.includes("failed");
    expect(changes.at(-1)?.failureCount).toBe(isTried ? failures + 1 : undefined);
    expect(() => breaker.refuseIfOpen()).toThrow(
      expect.objectContaining({
        facts: { retryAfterMs: isTried ? 300_000 : 300_000 - Math.max(0, agoMs) },
      }),
    );
  });

  it("counts only failures in a row, and none that are our own fault", async () => {
    const { breaker, fail, succeed } = breakerUnderTest();
    const wrongQuestion = () =>
      breaker.run(() => Promise.reject(new ProviderError("provider.not-found", "404")));
    for (let rounds = 0; rounds < 5; rounds += 1) {
      await fail().catch(isProviderError);
      await fail().catch(isProviderError);
      await succeed();
      await wrongQuestion().catch(isProviderError);
    }
    expect(breaker.isClosed).toBe(true);
  });
});
