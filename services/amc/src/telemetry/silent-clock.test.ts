import { ProcessMetrics } from "@amc/platform/metrics/process-metrics";
import { describe, expect, it } from "vitest";
import { alertRules } from "./testing/operator-files.ts";
import { selectorsOf } from "./testing/promql.ts";

const LAST_TICK = "amc_scheduler_last_tick_timestamp_seconds";

/** Metrics that an expression takes as they are now, rather than as they were over some time. */
function takenAsOfNow(expression: string): readonly string[] {
  return selectorsOf(expression)
    .filter(({ isNow }) => isNow)
    .map(({ metric }) => metric);
}

describe("the alert of a silent clock", () => {
  it("remembers the newest tick when nobody is left to tell it", async () => {
    const metrics = new ProcessMetrics(() => 0);
    const series = async () =>
      (await metrics.registry.getSingleMetricAsString(LAST_TICK))
        .split("\n")
        .filter((line) => line.startsWith(LAST_TICK));
    metrics.scheduler.published("clock", [1_000], 0, 0);
    expect(await series()).toHaveLength(1);
    metrics.scheduler.letGo();
    expect(await series()).toEqual([]);
    const ofClock = alertRules().filter(({ expr }) => expr.includes(LAST_TICK));
    expect(ofClock.map(({ alert }) => alert)).toEqual(["AmcClockSilent"]);
    for (const { expr } of ofClock) expect(takenAsOfNow(expr)).not.toContain(LAST_TICK);
  });

  it("would be caught asking only for what is told now: the control", () => {
    const forgets = `time() - max(${LAST_TICK}{kind="clock"}) > 180`;
    expect(takenAsOfNow(forgets)).toContain(LAST_TICK);
  });
});
