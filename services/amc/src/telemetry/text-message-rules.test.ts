import { ProcessMetrics } from "@amc/platform/metrics/process-metrics";
import { TEXT_MESSAGE_ENDS, type TextMessageEnd } from "@amc/platform/metrics/text-message-metrics";
import { describe, expect, it } from "vitest";
import { alertRule } from "./testing/operator-files.ts";

/** The rules of text messages against the series that a sender tells. */

const ruleOf = (name: string) => alertRule(name).expr;

/** Series of a name as they are scraped, by their labels. */
async function scraped(
  metrics: ProcessMetrics,
  name: string,
): Promise<ReadonlyMap<string, number>> {
  const lines = (await metrics.registry.getSingleMetricAsString(name)).split("\n");
  return new Map(
    lines
      .filter((line) => line.startsWith(name))
      .map((line) => {
        const [, labels = "", value] = /^\w+(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
        return [labels, Number(value)] as const;
      }),
  );
}

/** What AmcTextMessagesFailing asks: whether its counter has grown, or was never seen before it had. */
const FAILING =
  /^sum by \(end\) \(increase\((\w+)\{end=~"([\w|]+)"\}\[(\d+m)\]\)\) > 0 or sum by \(end\) \((\w+)\{end=~"([\w|]+)"\} > 0 unless (\w+) offset (\d+m)\)$/;

describe("the alert of text messages that fail", () => {
  it("sees failures before the first look at a process, of the same ends and over the same time as those after it", () => {
    const [, counter, ends, range, ...first] = FAILING.exec(ruleOf("AmcTextMessagesFailing")) ?? [];
    expect(counter).toBeDefined();
    expect(first).toEqual([counter, ends, counter, range]);
  });

  it("asks for the label and ends of the counter, which has failures at once that way", async () => {
    const metrics = new ProcessMetrics(() => 0);
    metrics.textMessages.opened();
    metrics.textMessages.ended("refused");
    metrics.textMessages.ended("refused");
    const [, counter = "", ends = ""] = FAILING.exec(ruleOf("AmcTextMessagesFailing")) ?? [];
    const series = await scraped(metrics, counter);
    expect([...series.keys()]).toEqual(TEXT_MESSAGE_ENDS.map((end) => `end="${end}"`));
    const failed = ends.split("|").filter((end) => (series.get(`end="${end}"`) ?? 0) > 0);
    expect(failed).toEqual(["refused"]);
    const quiet: readonly TextMessageEnd[] = [
      ...(["sent", "retried", "old", "simulated", "recipient_removed"] as const),
    ];
    expect([...ends.split("|"), ...quiet].sort()).toEqual([...TEXT_MESSAGE_ENDS].sort());
  });
});

describe("the alert of text messages that wait", () => {
  it("is raised by the gauge once the oldest has waited for longer than two minutes, and not where none waits", async () => {
    const [, gauge = "", seconds] =
      /^max\((\w+)\) > (\d+)$/.exec(ruleOf("AmcTextMessagesLate")) ?? [];
    let nowMs = 0;
    const metrics = new ProcessMetrics(() => nowMs);
    const isRaised = async () =>
      Math.max(...(await scraped(metrics, gauge)).values()) > Number(seconds);
    expect(await isRaised()).toBe(false);
    let oldestMs: number | null = null;
    metrics.textMessages.watch(() => oldestMs);
    nowMs = 1_000_000;
    expect(await isRaised()).toBe(false);
    oldestMs = nowMs - 120_000;
    expect(await isRaised()).toBe(false);
    oldestMs -= 1;
    expect(await isRaised()).toBe(true);
  });
});
