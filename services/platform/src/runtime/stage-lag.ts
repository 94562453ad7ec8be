import type { TopicName } from "@amc/schemas/topics";
import type { WorkGroupName } from "@amc/schemas/work-groups";
import type { Subtopology } from "@amc/streams/kernel/stage";
import type { Log, LogRecord } from "../log/port.ts";
import { awaitedInputs, CLOCK, partitioningInput } from "./inputs.ts";

/** A group that takes one topic partition by partition, without being a subtopology. */
export interface TopicConsumer {
  readonly group: WorkGroupName;
  readonly topic: TopicName;
  /** Not every installation runs it: where it has never been there is nothing that it has not taken. */
  readonly isOptional?: boolean;
}

/** Input that one partition of a subtopology, or of another consumer, has not taken yet. */
export interface StageLag {
  /** Its name, or that of the group. */
  readonly subtopology: string;
  readonly partition: number;
  /** Records between the committed positions and the end of the log. */
  readonly records: number;
  /** Event time from the oldest of them to the newest tick of the log, ms; 0 when there are none. */
  readonly eventTimeBehindMs: number;
  /** Append time of the oldest of them; null when there are none. */
  readonly waitingSinceMs: number | null;
}

/**
 * How far the committed positions of every stage lie behind the end of the log; looks at the log
 * alone, so it tells the same inside the process that runs the stages and beside it. A timed
 * subtopology is measured by its clock: facts that no tick covers yet are not waiting for it. Of a
 * topic that the log does not have, as of one that an older build wrote, nothing waits.
 */
export async function stageLags(
  log: Log,
  topology: readonly Subtopology[],
  consumers: readonly TopicConsumer[] = [],
): Promise<StageLag[]> {
  const endMs = await newestTickMs(log);
  const partitions = new Map(log.topics().map((held) => [held.topic, held.partitions]));
  const takers: Taker[] = [
    ...topology.map((subtopology) => ({
      group: subtopology.name,
      inputs: awaitedInputs(subtopology).filter((topic) => partitions.has(topic)),
      partitions: partitions.get(partitioningInput(subtopology)) ?? 0,
    })),
    ...consumers.map(({ group, topic, isOptional = false }) => ({
      ...{ group, inputs: [topic], partitions: partitions.get(topic) ?? 0, isOptional },
    })),
  ];
  // All at once: brokers take a turn for every question, and whoever asks waits for the whole.
  const lags = await Promise.all(
    takers.flatMap((taker) =>
      Array.from({ length: taker.partitions }, (_, partition) =>
        lagOf(log, taker, partition, endMs),
      ),
    ),
  );
  return lags.flatMap((lag) => lag ?? []);
}

interface Taker {
  readonly group: string;
  readonly inputs: readonly TopicName[];
  readonly partitions: number;
  readonly isOptional?: boolean;
}

/** What lies between a committed position and the end of its partition. */
export interface Waiting {
  readonly records: number;
  /** Event time and append time of the oldest of them; null when it does not say. */
  readonly eventMs: number | null;
  readonly sinceMs: number | null;
}

/** What waits from offset `next` on; null when nothing does. */
export async function waitingFrom(
  log: Log,
  topic: string,
  partition: number,
  next: number,
): Promise<Waiting | null> {
  const records = (await log.endOffset(topic, partition)) - next;
  if (records <= 0) return null;
  const oldest = await recordAt(log, topic, partition, next);
  if (oldest === null) return { records, eventMs: null, sinceMs: null };
  return { records, eventMs: eventTimeMs(oldest), sinceMs: oldest.appendedAtMs };
}

async function lagOf(
  log: Log,
  { group, inputs, isOptional = false }: Taker,
  partition: number,
  endMs: number,
): Promise<StageLag | null> {
  const committed = await log.positions(group, partition);
  if (isOptional && committed.length === 0) return null;
  let records = 0;
  let oldestEventMs = endMs;
  let waitingSinceMs: number | null = null;
  for (const topic of inputs) {
    const next = committed.find((position) => position.topic === topic)?.next ?? 0;
    const waiting = await waitingFrom(log, topic, partition, next);
    if (waiting === null) continue;
    records += waiting.records;
    oldestEventMs = Math.min(oldestEventMs, waiting.eventMs ?? endMs);
    const { sinceMs } = waiting;
    if (sinceMs !== null) waitingSinceMs = Math.min(waitingSinceMs ?? sinceMs, sinceMs);
  }
  const eventTimeBehindMs = endMs - oldestEventMs;
  return { subtopology: group, partition, records, eventTimeBehindMs, waitingSinceMs };
}

/**
 * Event time of the newest tick, ms since 1970; 0 before the first. Every tick goes to every
 * partition, but a test or a broken producer may leave some out.
 */
export async function newestTickMs(log: Log): Promise<number> {
  const newest = await Promise.all(
    Array.from({ length: log.partitions(CLOCK) }, async (_, partition) => {
      const end = await log.endOffset(CLOCK, partition);
      const tick = end === 0 ? null : await recordAt(log, CLOCK, partition, end - 1);
      return (tick === null ? null : eventTimeMs(tick)) ?? 0;
    }),
  );
  return Math.max(0, ...newest);
}

/** The record at an offset or, when retention has eaten that, the first one kept. */
async function recordAt(
  log: Log,
  topic: string,
  partition: number,
  offset: number,
): Promise<LogRecord | null> {
  const from = Math.max(offset, await log.startOffset(topic, partition));
  const [record] = await log.read(topic, partition, from, { maxRecords: 1, maxBytes: 1 });
  return record ?? null;
}

/** From the header: a lag is known for records, too, whose body nobody can read. */
function eventTimeMs({ headers }: LogRecord): number | null {
  const ms = Date.parse(headers.ce_time ?? "");
  return Number.isNaN(ms) ? null : ms;
}
