import type { Log } from "@amc/platform/log/port";
import { waitedSeconds } from "@amc/platform/metrics/log-gauges";
import { ScrapedGauges } from "@amc/platform/metrics/scrape";
import { newestTickMs, waitingFrom } from "@amc/platform/runtime/stage-lag";
import { PROJECTION_NAMES, PROJECTIONS } from "@amc/streams/projections/projections";
import type { Registry } from "prom-client";
import type { ProjectedPosition, ReadModel } from "../read-model/port.ts";

/** How far the rows of one topic in one projection are behind the log. */
interface TopicDelay {
  readonly projection: string;
  readonly topic: string;
  records: number;
  /** Event time from the oldest record not applied to the newest tick, ms. */
  eventTimeMs: number;
  /** Append time of the oldest record not applied; null when there is none. */
  sinceMs: number | null;
}

/**
 * The delay of every projection by topic, from its positions in the tables and the end of the log: it
 * grows while no projector runs at all.
 */
export function addProjectionGauges(
  registry: Registry,
  { log, readModel, nowMs }: { log: Log; readModel: ReadModel; nowMs: () => number },
): void {
  const labelsOf = ({ projection, topic }: TopicDelay) => ({ projection, topic });
  new ScrapedGauges(registry, () => projectionDelays(log, readModel))
    .add({
      name: "amc_projector_lag_records",
      help: "Records of the log that the tables do not hold yet",
      labels: ["projection", "topic"],
      series: (delays) => delays.map((delay) => [labelsOf(delay), delay.records] as const),
    })
    .add({
      name: "amc_projector_lag_seconds",
      help: "Event time from the oldest record not applied to the newest tick of the log",
      labels: ["projection", "topic"],
      series: (delays) =>
        delays.map((delay) => [labelsOf(delay), delay.eventTimeMs / 1000] as const),
    })
    .add({
      name: "amc_projector_waiting_seconds",
      help: "How long the oldest record not applied has been in the log; 0 when there is none",
      labels: ["projection", "topic"],
      series: (delays) =>
        delays.map((delay) => [labelsOf(delay), waitedSeconds(delay.sinceMs, nowMs())] as const),
    });
}

async function projectionDelays(log: Log, readModel: ReadModel): Promise<readonly TopicDelay[]> {
  const positions = await readModel.read((view) => view.positions());
  const endMs = await newestTickMs(log);
  const delays = PROJECTION_NAMES.flatMap((projection) =>
    PROJECTIONS[projection].map(
      (topic): TopicDelay => ({ projection, topic, records: 0, eventTimeMs: 0, sinceMs: null }),
    ),
  );
  const asked = delays.flatMap((delay) =>
    Array.from({ length: log.partitions(delay.topic) }, (_, partition) =>
      addPartition(delay, log, partition, endMs, positions),
    ),
  );
  await Promise.all(asked);
  return delays;
}

async function addPartition(
  delay: TopicDelay,
  log: Log,
  partition: number,
  endMs: number,
  positions: readonly ProjectedPosition[],
): Promise<void> {
  const { projection, topic } = delay;
  const at = positions.find(
    (one) => one.projection === projection && one.topic === topic && one.partition === partition,
  );
  const next = at?.next ?? (await log.startOffset(topic, partition));
  const waiting = await waitingFrom(log, topic, partition, next);
  if (waiting === null) return;
  delay.records += waiting.records;
  if (waiting.eventMs !== null) {
    delay.eventTimeMs = Math.max(delay.eventTimeMs, endMs - waiting.eventMs);
  }
  const { sinceMs } = waiting;
  if (sinceMs !== null) delay.sinceMs = Math.min(delay.sinceMs ?? sinceMs, sinceMs);
}
