import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../config/load-config.ts";
import type { CallWindow } from "./call-windows.ts";
import { providerLimits } from "./provider-limits.ts";
import { withYahooShare } from "./yahoo-share.ts";

const MINUTE_MS = 60_000;

/** When calls are let through by windows that know nothing of each other, each asked without a pause for a minute. */
function callsOf(windows: readonly CallWindow[]): number[] {
  return windows
    .flatMap((window) => {
      const times: number[] = [];
      for (let nowMs = 0; nowMs < MINUTE_MS; nowMs += window.waitMs(nowMs)) {
        if (window.waitMs(nowMs) > 0) continue;
        window.begin();
        window.end(nowMs);
        times.push(nowMs);
      }
      return times;
    })
    .sort((a, b) => a - b);
}

/** The first stretch in which more calls went out than a bucket of `perSecond` that holds twice as many allows. */
function exceeded(times: readonly number[], perSecond: number): readonly number[] | undefined {
  return times
    .flatMap((from, first) => times.slice(first).map((to, index) => [from, to, index + 1] as const))
    .find(([from, to, calls]) => calls > 2 * perSecond + ((to - from) / 1000) * perSecond + 1e-6);
}

describe("what two processes ask of Yahoo beside each other", () => {
  it("is never more than Yahoo allows, at any rate", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), (perSecond) => {
        const variables = loadConfig({ YAHOO_FINANCE_RATE_LIMIT: String(perSecond) });
        const windows = (["market", "options"] as const).flatMap(
          (asker) => providerLimits("yahoo", withYahooShare(variables, asker)).windows,
        );
        const times = callsOf(windows);
        expect(exceeded(times, perSecond)).toBeUndefined();
        // And nothing of it is lost.
        expect(times.length).toBeGreaterThanOrEqual(60 * perSecond);
      }),
      { numRuns: 7 },
    );
  });

  it("would be more where each took the whole (control)", () => {
    const variables = loadConfig({ YAHOO_FINANCE_RATE_LIMIT: "5" });
    const windows = [variables, variables].flatMap((all) => providerLimits("yahoo", all).windows);
    expect(exceeded(callsOf(windows), 5)).toBeDefined();
  });
});
