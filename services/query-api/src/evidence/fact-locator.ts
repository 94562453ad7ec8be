import { partitionOf } from "@amc/platform/log/partitioner";
import type { Log, LogRecord } from "@amc/platform/log/port";
import { decodeEvent } from "@amc/schemas/codec";
import type { Features, Input } from "@amc/schemas/generated/events";
import { isTopicName, type TopicName } from "@amc/schemas/topics";
import type { RecordPlace } from "../read-model/port.ts";
import { type Stretch, searchOutward } from "./outward-search.ts";
import { firstPublications, type InputDays } from "./publication-estimate.ts";

/** First and last record of a set of facts; null where the search gave up or retention was faster. */
export interface InputPlaces {
  readonly first: RecordPlace | null;
  readonly last: RecordPlace | null;
}

/** Whose input it is, and of which days. */
export type InputOwner = InputDays & Pick<Features, "symbol">;

const CLOCK = "ops.clock.v1";
const ONE_RECORD = { maxRecords: 1, maxBytes: 4 * 1024 * 1024 };
/** A slice of more facts than a read is history that was written at once: its own times say more. */
const LARGE_SLICE = 512;
/** Some 5 MB. */
const REMEMBERED_ANSWERS = 20_000;

/**
 * Looks up where facts lie by their ids: events never hold positions, since a replay or another log
 * puts them elsewhere (design.md, Identity). Derived events have an index in the read model; for
 * facts it would be larger than they are, so they are found through the clock topic, whose ticks
 * say which offsets of a partition were published by an instant. Work is bounded: what does not lie
 * near the instant at which it was probably published is not found, and not looked for again.
 */
export class FactLocator {
  readonly #log: Log;
  /** By topic and id, misses included; a search that runs is shared by all who ask. */
  readonly #answers = new Map<string, Promise<RecordPlace | null>>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** Places of the first and the last fact of an input of a features event. */
  async input(owner: InputOwner, input: Input): Promise<InputPlaces> {
    const { topic } = input;
    if (!isTopicName(topic)) return { first: null, last: null };
    const partition = partitionOf(owner.symbol, this.#log.partitions(topic));
    const at = { topic, partition };
    const last = await this.#place(at, input.lastId, [input.publishedAt]);
    const first = await this.#place(at, input.firstId, firstPublications(owner, input));
    return { first, last };
  }

  #place(
    at: TopicPartition,
    id: string,
    published: readonly number[],
  ): Promise<RecordPlace | null> {
    const key = `${at.topic}/${id}`;
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    const answer = this.#searched(key, at, id, published);
    this.#answers.set(key, answer);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > REMEMBERED_ANSWERS && oldest !== undefined) {
      this.#answers.delete(oldest);
    }
    return answer;
  }

  async #searched(
    key: string,
    at: TopicPartition,
    id: string,
    published: readonly number[],
  ): Promise<RecordPlace | null> {
    try {
      return await this.#search(at, id, published);
    } catch (error) {
      // A log that did not answer may answer the next time.
      this.#answers.delete(key);
      throw error;
    }
  }

  async #search(
    { topic, partition }: TopicPartition,
    id: string,
    published: readonly number[],
  ): Promise<RecordPlace | null> {
    const start = await this.#log.startOffset(topic, partition);
    const end = await this.#log.endOffset(topic, partition);
    const stretch = { topic, partition, start, end };
    const offsets: number[] = [];
    for (const instant of published) offsets.push(await this.#offsetNear(stretch, instant));
    return searchOutward(this.#log, stretch, id, [...new Set(offsets)]);
  }

  /** Where facts lie that were published at an instant: the slice of the first tick at or after it. */
  async #offsetNear(stretch: Stretch, instant: number): Promise<number> {
    const { topic, partition, start, end } = stretch;
    let [from, to] = [start, end];
    if (partition < this.#log.partitions(CLOCK)) {
      const first = await this.#log.startOffset(CLOCK, partition);
      const ticks = {
        topic: CLOCK,
        partition,
        start: first,
        end: await this.#log.endOffset(CLOCK, partition),
      };
      const tick = await this.#firstAt(ticks, instant);
      if (tick > first) from = await this.#cutOf(tick - 1, stretch, start);
      to = await this.#cutOf(tick, stretch, end);
    }
    return to - from > LARGE_SLICE
      ? this.#firstAt({ topic, partition, start: from, end: to }, instant)
      : from;
  }

  /** End offset of a topic's partition that a tick covers; `otherwise` when no tick says one. */
  async #cutOf(
    tick: number,
    { topic, partition, start, end }: Stretch,
    otherwise: number,
  ): Promise<number> {
    if (tick >= (await this.#log.endOffset(CLOCK, partition))) return otherwise;
    const [record] = await this.#log.read(CLOCK, partition, tick, ONE_RECORD);
    const decoded = record?.value == null ? null : decodeEvent(CLOCK, record.value);
    if (decoded === null || !decoded.ok) return otherwise;
    const cut = decoded.value.cuts.find((candidate) => candidate.topic === topic);
    return Math.min(end, Math.max(start, cut?.endOffset ?? otherwise));
  }

  /** First offset of a stretch, whose times ascend, that happened at or after an instant. */
  async #firstAt({ topic, partition, start, end }: Stretch, instant: number): Promise<number> {
    let [low, high] = [start, end];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const [record] = await this.#log.read(topic, partition, middle, ONE_RECORD);
      if (record === undefined || eventTime(record) >= instant) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

interface TopicPartition {
  readonly topic: TopicName;
  readonly partition: number;
}

function eventTime(record: LogRecord): number {
  return Date.parse(record.headers.ce_time ?? "");
}
