import { describe, expect, it } from "vitest";
import { LogError } from "../log/errors.ts";
import { Failing } from "./failing.ts";

const ODD = new LogError("log.outcome-unknown", "the server has failed");
const AWAY = new LogError("log.unavailable", "no broker answers");

function failing() {
  let nowMs = 1_000_000;
  const watched = new Failing(() => nowMs);
  const failAfter = (seconds: number, error: unknown = ODD) => {
    nowMs += seconds * 1_000;
    return watched.stallOf(error, { partition: 3 });
  };
  return { watched, failAfter };
}

describe("work that only fails", () => {
  it("is stuck after a minute, with the facts of the place and the last failure", () => {
    const { failAfter } = failing();
    expect([failAfter(500), failAfter(30), failAfter(30)]).toEqual([null, null, null]);
    const stall = failAfter(1);
    expect(stall).toMatchObject({
      code: "runtime.stalled",
      facts: { partition: 3, failingMs: 61_000 },
      cause: ODD,
    });
    expect(stall?.message).toContain("the server has failed");
  });

  it("is waited for while somebody is away, and has a minute again after that", () => {
    const { failAfter } = failing();
    for (let hour = 0; hour < 10; hour += 1) expect(failAfter(3_600, AWAY)).toBeNull();
    expect([failAfter(50), failAfter(50), failAfter(1, AWAY)]).toEqual([null, null, null]);
    expect([failAfter(50), failAfter(50)]).toEqual([null, null]);
    expect(failAfter(11)).not.toBeNull();
  });

  it("has a minute again after a success", () => {
    const { watched, failAfter } = failing();
    expect([failAfter(1), failAfter(60)]).toEqual([null, null]);
    watched.succeeded();
    expect([failAfter(1), failAfter(60)]).toEqual([null, null]);
    expect(failAfter(1)).not.toBeNull();
  });
});
