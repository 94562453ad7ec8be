import { StageRunner } from "@amc/platform/runtime/stage-runner";
import { checkedSignals, EXPECTED, SCAN_PARTITIONS, SIGNALS, writeBars } from "../momentum-job.ts";
import { MOMENTUM_SCAN } from "../momentum-stage.ts";
import { profiled } from "../profiler.ts";
import { perSecond, Stopwatch } from "../stopwatch.ts";
import type { Measured, Scale, Workload } from "../workload.ts";
import { type Delivery, onOwnTopics } from "./brokers.ts";

const BARS = "market.price-tick.v1";

export const SCAN_LAYOUT = [BARS, SIGNALS].map((topic) => ({ topic, partitions: SCAN_PARTITIONS }));

function scan(delivery: Delivery, atLeast?: number): Workload {
  return {
    name: `kafka-scan-${delivery}`,
    summary: `the peers' momentum scan as one stage, state in a changelog, ${delivery}`,
    simulated: true,
    metrics: {
      barsPerSecond: { unit: "bars/s", ...(atLeast !== undefined && { atLeast }) },
      barsPerCpuSecond: { unit: "bars/CPU s" },
      writtenPerSecond: { unit: "records/s" },
    },
    run: (scale) => measureScan(delivery, scale),
  };
}

/** Aims: ahead of Kafka Streams' best, 216,000 at least once and 187,000 exactly once. */
export const KAFKA_SCANS: readonly Workload[] = [
  scan("deduplicated", 250_000),
  scan("transactional", 200_000),
  // For comparison; nothing was asked of it.
  scan("transactional-by-kafkajs"),
];

/**
 * Writes the bars, then times from taking the partitions over until the committed positions cover
 * the whole input; the partitions run side by side, as in the processor.
 */
async function measureScan(delivery: Delivery, scale: Scale): Promise<Measured> {
  const { bars } = EXPECTED[scale];
  return onOwnTopics(SCAN_LAYOUT, [MOMENTUM_SCAN], async ({ open }) => {
    const feed = await open("deduplicated");
    const writing = new Stopwatch();
    await writeBars(feed, bars);
    const writtenPerSecond = perSecond(bars, writing.elapsedMs());
    await feed.close();
    const log = await open(delivery);
    const { runners, taken, elapsedMs, cpuMs } = await profiled(async () => {
      const watch = new Stopwatch();
      const runners = await Promise.all(
        Array.from({ length: SCAN_PARTITIONS }, (_, partition) =>
          StageRunner.open({ log, subtopology: MOMENTUM_SCAN, partition }),
        ),
      );
      const counts = await Promise.all(runners.map((runner) => runner.runUntilIdle()));
      const taken = counts.reduce((sum, count) => sum + count, 0);
      return { runners, taken, elapsedMs: watch.elapsedMs(), cpuMs: watch.cpuMs() };
    });
    const found = await checkedSignals(log, scale, taken);
    const commits = runners.reduce((sum, { counts }) => sum + counts.commits, 0);
    return {
      values: {
        barsPerSecond: perSecond(taken, elapsedMs),
        barsPerCpuSecond: perSecond(taken, cpuMs),
        writtenPerSecond,
      },
      facts: { bars: taken, ...found, commits, partitions: SCAN_PARTITIONS },
    };
  });
}
