import type { Registry } from "prom-client";
import { ScrapedGauges } from "./scrape.ts";

/** Topics are changed by people and seldom; looking costs the brokers a description of each. */
const LOOKS_EVERY_MS = 5 * 60_000;

export interface TopicCounts {
  /** Topics of the topic table that do not exist. */
  readonly absent: number;
  /** Settings that differ from it, over all topics. */
  readonly differing: number;
}

/** How many absent topics and differing settings there are, looked up at most every 5 minutes. */
export function addTopicGauge(
  registry: Registry,
  look: () => Promise<TopicCounts>,
  nowMs: () => number,
): void {
  let last: { readonly atMs: number; readonly counts: TopicCounts } | null = null;
  new ScrapedGauges(registry, async () => {
    const atMs = nowMs();
    if (last === null || atMs - last.atMs >= LOOKS_EVERY_MS) last = { atMs, counts: await look() };
    return last.counts;
  }).add({
    name: "amc_topic_differences",
    help: "Topics of the topic table that are absent, and settings of topics that are not as it says",
    labels: ["kind"],
    series: ({ absent, differing }) => [
      [{ kind: "absent" }, absent] as const,
      [{ kind: "setting" }, differing] as const,
    ],
  });
}
