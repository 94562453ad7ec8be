import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ProcessMetrics } from "@amc/platform/metrics/process-metrics";
import { parser } from "@prometheus-io/lezer-promql";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";

const RULES = z.object({
  groups: z.array(z.object({ rules: z.array(z.object({ alert: z.string(), expr: z.string() })) })),
});
const ROOT = join(import.meta.dirname, "../../../..");
const rules = RULES.parse(parse(readFileSync(join(ROOT, "infra/prometheus/rules.yml"), "utf8")));
const LAST_TICK = "amc_scheduler_last_tick_timestamp_seconds";

/** Metrics that an expression takes as they are now, rather than as they were over some time. */
function takenAsOfNow(expression: string): string[] {
  const names: string[] = [];
  parser.parse(expression).iterate({
    enter: ({ name, from, to }) => {
      if (name === "MatrixSelector") return false;
      if (name === "Identifier") names.push(expression.slice(from, to));
      return true;
    },
  });
  return names;
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
    const ofClock = rules.groups
      .flatMap(({ rules: ofGroup }) => ofGroup)
      .filter(({ expr }) => expr.includes(LAST_TICK));
    expect(ofClock.map(({ alert }) => alert)).toEqual(["AmcClockSilent"]);
    for (const { expr } of ofClock) expect(takenAsOfNow(expr)).not.toContain(LAST_TICK);
  });

  it("would be caught asking only for what is told now: the control", () => {
    const forgets = `time() - max(${LAST_TICK}{kind="clock"}) > 180`;
    expect(takenAsOfNow(forgets)).toContain(LAST_TICK);
  });
});
