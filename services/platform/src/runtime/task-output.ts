import { encodeEvent } from "@amc/schemas/codec";
import { eventHeaders } from "@amc/schemas/headers";
import { TOPICS, type TopicName } from "@amc/schemas/topics";
import type { Produced } from "@amc/streams/kernel/task";
import type { Append } from "../log/port.ts";
import type { Origin } from "./lineage.ts";

/** An emission as it will be written, but for the headers that its place in the slice decides. */
export interface EncodedEmission {
  readonly stage: string;
  readonly topic: TopicName;
  readonly id: string;
  readonly key: string | null;
  readonly happenedAt: number;
  readonly value: Uint8Array;
  readonly origin: Origin;
}

/**
 * Encoded as soon as it is produced: the objects of a slot's 16,000 events, kept until its end,
 * outlived the collector's young generation, and copying them took a fifth of the time.
 */
export function encoded({ stage, emission }: Produced, origin: Origin): EncodedEmission {
  const { topic, id, key, happenedAt } = emission;
  const value = encodeEvent(topic, emission.value);
  return { stage: stage.name, topic, id, key, happenedAt, value, origin };
}

/**
 * One emission as a record. The headers name the producing stage and the position of the input it
 * was derived from, with an index: a consumer drops what is not past the mark it has stored for
 * that stage and source, so a record written twice by a crash is seen once.
 */
export function toAppend(emission: EncodedEmission, source: string, index: number): Append {
  const { stage, topic, id, key, happenedAt, value, origin } = emission;
  const identity = { id, source: `/amc/streams/${stage}`, topic, happenedAt };
  const headers = {
    ...eventHeaders(identity, origin.traceparent),
    "amc-stage": stage,
    "amc-source": `${source}#${index}`,
  };
  const { runId } = origin;
  return {
    ...{ topic, key, value },
    headers: runId === undefined ? headers : { ...headers, "amc-run": runId },
  };
}

/** Both emissions are to one topic. */
function comparePlaces(a: EncodedEmission, b: EncodedEmission): number {
  const keyA = a.key ?? "";
  const keyB = b.key ?? "";
  if (keyA !== keyB) return keyA < keyB ? -1 : 1;
  // Sets that many partitions fill have no order to keep, but a partition's own markers do: a later
  // one says that the earlier ones are all there.
  if (TOPICS[a.topic].key === "trading-day") return 0;
  if (a.happenedAt !== b.happenedAt) return a.happenedAt - b.happenedAt;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/**
 * What comes of a shadow strategy goes behind the rest: headers count in this order, and those of runs
 * must be the same with and without it, also where a process starts again after a crash with the
 * other setting.
 */
const LAST_TOPICS: ReadonlySet<TopicName> = new Set([
  "ops.shadow-slot.v1",
  "discovery.shadow-run.v1",
]);

function compareTopics(a: TopicName, b: TopicName): number {
  const isLast = Number(LAST_TOPICS.has(a)) - Number(LAST_TOPICS.has(b));
  return isLast === 0 ? (a < b ? -1 : 1) : isLast;
}

/**
 * The order in which the emissions of one slice are appended: by topic, in it per key by event time
 * and id, which is the order every digest sorts by. What stages feed each other is not affected.
 */
export function inLogOrder(emissions: readonly EncodedEmission[]): readonly EncodedEmission[] {
  const byTopic = new Map<TopicName, EncodedEmission[]>();
  for (const one of emissions) {
    const ofTopic = byTopic.get(one.topic);
    if (ofTopic === undefined) byTopic.set(one.topic, [one]);
    else ofTopic.push(one);
  }
  const ordered: EncodedEmission[] = [];
  for (const topic of [...byTopic.keys()].sort(compareTopics)) {
    for (const one of sorted(byTopic.get(topic) ?? [])) ordered.push(one);
  }
  return ordered;
}

/** Stages take symbols in order, so that most topics come sorted. */
function sorted(emissions: EncodedEmission[]): EncodedEmission[] {
  for (let index = 1; index < emissions.length; index += 1) {
    const before = emissions[index - 1];
    const one = emissions[index];
    if (before !== undefined && one !== undefined && comparePlaces(before, one) > 0) {
      return emissions.sort(comparePlaces);
    }
  }
  return emissions;
}
