import { playedRecordings } from "@amc/ingest-recordings/play/progress-state";
import type { Log } from "@amc/platform/log/port";
import { type StageLag, stageLags } from "@amc/platform/runtime/stage-lag";
import type { Clock, Run } from "@amc/schemas/generated/events";
import type { EventOf, TopicName } from "@amc/schemas/topics";
import { createTopology, DEFAULT_TOPOLOGY } from "@amc/streams/topology/topology";
import { backwards, locate } from "../log-search.ts";
import { type TopicContents, topicContents } from "../topic-contents.ts";

const CLOCK = "ops.clock.v1" satisfies TopicName;

/** How far a recording has been written to the log. */
export interface PlayedRecording {
  readonly name: string;
  readonly facts: number;
  readonly lastTickMs: number | null;
  readonly isDone: boolean;
}

export interface LogStatus {
  readonly topics: readonly TopicContents[];
  /** Null before the first. */
  readonly newestTick: Clock | null;
  readonly stages: readonly StageLag[];
  readonly recordings: readonly PlayedRecording[];
  /** Of the latest slot; null before the first. */
  readonly lastRun: Run | null;
}

/** What a log says about how its system stands; reads only, beside a writer too. */
export async function logStatus(log: Log): Promise<LogStatus> {
  return {
    topics: await topicContents(log),
    newestTick: await newest(log, CLOCK),
    stages: await stageLags(log, createTopology(DEFAULT_TOPOLOGY)),
    recordings: await recordingsIn(log),
    lastRun: await newest(log, "discovery.run.v1"),
  };
}

/** The event of latest event time among the last readable ones of each partition. */
async function newest<Topic extends typeof CLOCK | "discovery.run.v1">(
  log: Log,
  topic: Topic,
): Promise<EventOf<Topic> | null> {
  let latest: EventOf<Topic> | null = null;
  for (let partition = 0; partition < log.partitions(topic); partition += 1) {
    const last = await lastOf(log, topic, partition);
    if (last !== null && last.happenedAt > (latest?.happenedAt ?? 0)) latest = last;
  }
  return latest;
}

async function lastOf<Topic extends TopicName>(
  log: Log,
  topic: Topic,
  partition: number,
): Promise<EventOf<Topic> | null> {
  const end = await log.endOffset(topic, partition);
  for await (const record of backwards(log, topic, partition, end)) {
    const found = locate(topic, record);
    if (found !== null) return found.event;
  }
  return null;
}

async function recordingsIn(log: Log): Promise<PlayedRecording[]> {
  return [...(await playedRecordings(log))].map(([name, { facts, lastTickMs, isDone }]) => ({
    ...{ name, facts, lastTickMs, isDone },
  }));
}
