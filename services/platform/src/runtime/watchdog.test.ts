import { describe, expect, it } from "vitest";
import { STALL_LIMIT_MS, Watchdog } from "./watchdog.ts";

function watched() {
  let nowMs = 0;
  const watchdog = new Watchdog(() => nowMs);
  return {
    watchdog,
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

const BEHIND = { behind: true, facts: { partition: 3, "market.price-tick.v1": 17 } };

describe("watchdog", () => {
  it("turns a minute without progress while input waits into an error with the facts of the place", () => {
    const { watchdog, pass } = watched();
    pass(STALL_LIMIT_MS);
    expect(() => watchdog.check(BEHIND)).not.toThrow();
    pass(1);
    expect(() => watchdog.check(BEHIND)).toThrow(
      expect.objectContaining({
        code: "runtime.stalled",
        facts: { partition: 3, "market.price-tick.v1": 17, silentMs: STALL_LIMIT_MS + 1 },
      }),
    );
  });

  it("lets an idle partition be idle for ever", () => {
    const { watchdog, pass } = watched();
    for (let hour = 0; hour < 100; hour += 1) {
      pass(3_600_000);
      expect(() => watchdog.check({ ...BEHIND, behind: false })).not.toThrow();
    }
    pass(STALL_LIMIT_MS);
    expect(() => watchdog.check(BEHIND)).not.toThrow();
  });

  it("counts anew from each progress", () => {
    const { watchdog, pass } = watched();
    pass(STALL_LIMIT_MS);
    watchdog.progressed();
    pass(STALL_LIMIT_MS);
    expect(() => watchdog.check(BEHIND)).not.toThrow();
  });
});
