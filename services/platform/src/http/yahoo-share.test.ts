import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../config/load-config.ts";
import type { CallWindow } from "./call-windows.ts";
import { providerLimits } from "./provider-limits.ts";
import { withYahooShare } from "./yahoo-share.ts";

const MINUTE_MS = 60_000;
/** Calls of one process that are under way beside each other. */
const CONNECTIONS = 4;

/**
 * When the calls arrive that each of the windows lets through, which know nothing of each other: as many as
 * there are connections, each asked again as soon as it has ended, for a minute. `lastsMs` and `arrivesAt`, the
 * share of it after which a call arrives, are taken in turn.
 */
function arrivals(
  windows: readonly CallWindow[],
  flights: readonly { readonly lastsMs: number; readonly arrivesAt: number }[],
): number[] {
  const arrived: number[] = [];
  for (const window of windows) {
    const ends: number[] = [];
    for (let nowMs = 0, calls = 0; nowMs < MINUTE_MS; ) {
      while ((ends[0] ?? Number.POSITIVE_INFINITY) <= nowMs) window.end(ends.shift() ?? 0);
      const waitMs = ends.length < CONNECTIONS ? window.waitMs(nowMs) : Number.POSITIVE_INFINITY;
      if (waitMs > 0) {
        nowMs = Math.min(nowMs + waitMs, ends[0] ?? Number.POSITIVE_INFINITY);
        continue;
      }
      const { lastsMs, arrivesAt } = flights[calls % flights.length] ?? {
        lastsMs: 0,
        arrivesAt: 0,
      };
      calls += 1;
      window.begin();
      ends.push(nowMs + lastsMs);
      ends.sort((a, b) => a - b);
      arrived.push(nowMs + arrivesAt * lastsMs);
    }
  }
  return arrived.sort((a, b) => a - b);
}

/** The first stretch in which more calls arrived than a bucket of `perSecond` that holds twice as many allows. */
function exceeded(times: readonly number[], perSecond: number): readonly number[] | undefined {
  return times
    .flatMap((from, first) => times.slice(first).map((to, index) => [from, to, index + 1] as const))
    .find(([from, to, calls]) => calls > 2 * perSecond + ((to - from) / 1000) * perSecond + 1e-6);
}

const flights = fc.array(
  fc.record({
    lastsMs: fc.integer({ min: 0, max: 3_000 }),
    arrivesAt: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  { minLength: 1, maxLength: 10 },
);
const AT_ONCE = [{ lastsMs: 0, arrivesAt: 0 }];

const windowsOf = (perSecond: number) => {
  const variables = loadConfig({ YAHOO_FINANCE_RATE_LIMIT: String(perSecond) });
  return (["market", "options"] as const).flatMap(
    (asker) => providerLimits("yahoo", withYahooShare(variables, asker)).windows,
  );
};

describe("what two processes ask of Yahoo beside each other", () => {
  it("is never more than Yahoo allows, at any rate, however long calls are on their way", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), flights, (perSecond, calls) => {
        expect(exceeded(arrivals(windowsOf(perSecond), calls), perSecond)).toBeUndefined();
      }),
      { numRuns: 40 },
    );
  });

  it.each([1, 2, 3, 4, 5, 6, 7])("is all that Yahoo allows, at %i a second", (perSecond) => {
    const calls = arrivals(windowsOf(perSecond), AT_ONCE).length;
    expect(calls).toBeGreaterThanOrEqual(60 * perSecond - 1);
  });

  it("would be more where each took the whole (control)", () => {
    const variables = loadConfig({ YAHOO_FINANCE_RATE_LIMIT: "5" });
    const windows = [variables, variables].flatMap((all) => providerLimits("yahoo", all).windows);
    expect(exceeded(arrivals(windows, AT_ONCE), 5)).toBeDefined();
  });
});
