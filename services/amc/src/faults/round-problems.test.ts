import { describe, expect, it } from "vitest";
import { problemsOf, RETURN_MS_MAX } from "./round-problems.ts";

const SOUND = { digests: { "discovery.run.v1": "a" }, duplicates: 0, differences: 0, tables: 15 };
const ROUND = { kills: 3, returnMs: RETURN_MS_MAX, examination: SOUND };

describe("a data directory whose processes were killed", () => {
  it("has no problem when it is as if nothing had happened, and back within 300 seconds", () => {
    expect(RETURN_MS_MAX).toBe(300_000);
    expect(problemsOf(ROUND, SOUND)).toEqual([]);
  });

  it.each([
    ["came back after 300001 ms", { ...ROUND, returnMs: RETURN_MS_MAX + 1 }],
    ["2 rows differ", { ...ROUND, examination: { ...SOUND, differences: 2 } }],
    ["4 records twice", { ...ROUND, examination: { ...SOUND, duplicates: 4 } }],
    ["derived topics differ", { ...ROUND, examination: { ...SOUND, digests: {} } }],
    ["no table was compared", { ...ROUND, examination: { ...SOUND, tables: 0 } }],
  ])("has the problem: %s", (problem, round) => {
    expect(problemsOf(round, SOUND)).toEqual([expect.stringContaining(problem)]);
  });
});
