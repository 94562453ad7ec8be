import { CacheError } from "@amc/platform/cache/port";
import { LogError } from "@amc/platform/log/errors";
import { describe, expect, it } from "vitest";
import { ProjectorError } from "./errors.ts";
import { BACKOFF_MAX_MS, backoffMs, classifyProjectorFailure } from "./failures.ts";

function coded(code: string): Error {
  return Object.assign(new Error(code), { code });
}

describe("classifyProjectorFailure", () => {
  it.each([
    [coded("22003"), "poison"],
    [coded("22008"), "poison"],
    [coded("23502"), "poison"],
    [coded("57P01"), "transient"],
    [coded("40P01"), "transient"],
    [coded("53100"), "transient"],
    [coded("ECONNREFUSED"), "transient"],
    [new Error("Connection terminated unexpectedly"), "transient"],
    [new CacheError("cache.unavailable", "away", {}), "transient"],
    [new ProjectorError("projector.not-advanced", "moved"), "transient"],
    [new ProjectorError("projector.fenced", "taken over"), "fatal"],
    [new ProjectorError("projector.rebuild-running", "another"), "fatal"],
    [new LogError("log.offset-out-of-range", "eaten"), "fatal"],
    [new LogError("log.fenced", "newer lease"), "fatal"],
    [coded("42P01"), "fatal"],
    [coded("42501"), "fatal"],
    [new TypeError("x is not a function"), "fatal"],
    ["not even an error", "fatal"],
  ])("case %#: %s is %s", (error, expected) => {
    expect(classifyProjectorFailure(error)).toBe(expected);
  });
});

describe("backoffMs", () => {
  it("doubles from 50 ms, stays below its cap and spreads by the random number", () => {
    expect([1, 2, 3, 4].map((failures) => backoffMs(failures, 0))).toEqual([50, 100, 200, 400]);
    expect(backoffMs(1_000_000, 0)).toBe(BACKOFF_MAX_MS);
    expect(backoffMs(3, 0.75)).toBe(50);
    expect(backoffMs(1, 0.999999)).toBeGreaterThan(0);
  });
});
