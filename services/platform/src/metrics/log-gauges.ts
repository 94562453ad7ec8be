import type { Subtopology } from "@amc/streams/kernel/stage";
import type { Registry } from "prom-client";
import type { Log, LogRecord } from "../log/port.ts";
import { deadLetterTopic } from "../runtime/dead-letter.ts";
import { CLOCK } from "../runtime/inputs.ts";
import { type StageLag, stageLags, type TopicConsumer } from "../runtime/stage-lag.ts";
import { ScrapedGauges } from "./scrape.ts";

/**
 * What the log alone tells, by any process that can read it: how far stages are behind and how many
 * dead letters there are. The process that runs a stage need not be alive for its lag to grow.
 */
export function addLogGauges(
  registry: Registry,
  { log, topology, consumers, nowMs }: LogGaugesOptions,
): void {
  const unitOf = ({ subtopology, partition }: StageLag) => ({
    subtopology,
    partition: String(partition),
  });
  const isInUse = isInUseBy(consumers);
  const told = async () => (await stageLags(log, topology, consumers)).filter(isInUse(nowMs()));
  new ScrapedGauges(registry, told)
    .add({
      name: "amc_stage_lag_records",
      help: "Offsets between the committed positions and the end of the log, marks of transactions included",
      labels: ["subtopology", "partition"],
      series: (lags) => lags.map((lag) => [unitOf(lag), lag.records] as const),
    })
    .add({
      name: "amc_stage_lag_seconds",
      help: "Event time from the oldest record not taken to the newest tick of the log",
      labels: ["subtopology", "partition"],
      series: (lags) => lags.map((lag) => [unitOf(lag), lag.eventTimeBehindMs / 1000] as const),
    })
    .add({
      name: "amc_stage_waiting_seconds",
      help: "How long the oldest record not taken has been in the log; 0 when there is none",
      labels: ["subtopology", "partition"],
      series: (lags) =>
        lags.map((lag) => [unitOf(lag), waitedSeconds(lag.waitingSinceMs, nowMs())] as const),
    });
  new ScrapedGauges(registry, () => deadLettersKept(log)).add({
    name: "amc_dead_letters",
    help: "Offsets that dead letters take in the log, marks of transactions included, by the topic they were meant for",
    labels: ["topic"],
    series: (kept) => kept,
  });
}

export interface LogGaugesOptions {
  readonly log: Log;
  /** Stages whose lag is told, whoever runs them. */
  readonly topology: readonly Subtopology[];
  /** Others that take a topic and shall not be left behind unseen. */
  readonly consumers: readonly TopicConsumer[];
  /** Now, ms since 1970. */
  readonly nowMs: () => number;
}

/** A sender that hangs is paged for over a weekend and a holiday, and whoever switched it off has time to say so. */
const LEFT_AFTER_SECONDS = 7 * 86_400;

/** An optional consumer that has left everything for so long was switched off, which is nobody's fault. */
function isInUseBy(consumers: readonly TopicConsumer[]) {
  const optional = new Set<string>(
    consumers.filter(({ isOptional }) => isOptional).map(({ group }) => group),
  );
  return (nowMs: number) =>
    ({ subtopology, waitingSinceMs }: StageLag): boolean =>
      !optional.has(subtopology) || waitedSeconds(waitingSinceMs, nowMs) <= LEFT_AFTER_SECONDS;
}

export function waitedSeconds(sinceMs: number | null, nowMs: number): number {
  return sinceMs === null ? 0 : Math.max(0, nowMs - sinceMs) / 1000;
}

async function deadLettersKept(log: Log): Promise<(readonly [{ topic: string }, number])[]> {
  const names = new Set(log.topics().map(({ topic }) => topic));
  const refusing = [...names].filter((topic) => names.has(deadLetterTopic(topic)));
  return await Promise.all(
    refusing.map(
      async (topic) => [{ topic }, await offsetsKept(log, deadLetterTopic(topic))] as const,
    ),
  );
}

/** All partitions at once: brokers are asked twice for each, and a scrape waits for two seconds. */
async function offsetsKept(log: Log, topic: string): Promise<number> {
  const kept = await Promise.all(
    Array.from({ length: log.partitions(topic) }, async (_, partition) => {
      const asked = [log.endOffset(topic, partition), log.startOffset(topic, partition)];
      const [end = 0, start = 0] = await Promise.all(asked);
      return end - start;
    }),
  );
  return kept.reduce((sum, offsets) => sum + offsets, 0);
}

const TICK_SOURCE = new RegExp(`^${CLOCK.replaceAll(".", "[.]")}/(\\d+)/(\\d+)#`);

/** Finds when the tick that a derived record names as its source was written to the log. */
export function tickLookup(log: Log): (record: LogRecord) => Promise<number | null> {
  return async ({ headers }) => {
    const [, partition, offset] = TICK_SOURCE.exec(headers["amc-source"] ?? "") ?? [];
    if (partition === undefined || offset === undefined) return null;
    const limits = { maxRecords: 1, maxBytes: 1 };
    const [tick] = await log.read(CLOCK, Number(partition), Number(offset), limits);
    return tick?.offset === Number(offset) ? tick.appendedAtMs : null;
  };
}
