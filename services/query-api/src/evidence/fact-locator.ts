import { nextOffset } from "@amc/platform/log/next-offset";
import { partitionOf } from "@amc/platform/log/partitioner";
import type { Log, LogRecord } from "@amc/platform/log/port";
import { decodeEvent } from "@amc/schemas/codec";
import type { Input } from "@amc/schemas/generated/events";
import { isTopicName, type TopicName } from "@amc/schemas/topics";
import type { RecordPlace } from "../read-model/port.ts";

/** First and last record of a set of facts; null where the search gave up or retention was faster. */
export interface InputPlaces {
  readonly first: RecordPlace | null;
  readonly last: RecordPlace | null;
}

const CHUNK = 512;
const CHUNK_BYTES = 4 * 1024 * 1024;
// A partition of a year of minute bars of 500 symbols over four partitions is 12 million records;
// the search ends after about 0.2 s rather than read them all for one offset.
const MAX_RECORDS_SEARCHED = 100_000;
const MAX_LATE_RECORDS = 10_000;
const REMEMBERED_PLACES = 20_000;

/**
 * Looks up where facts lie by their ids: events never hold positions, since a replay or another log
 * puts them elsewhere (design.md, Identity). Derived events have an index in the read model; for
 * facts it would be larger than they are, so they are found through the clock topic, whose ticks
 * say which offsets of a partition existed at an instant.
 */
export class FactLocator {
  readonly #log: Log;
  readonly #places = new Map<string, RecordPlace>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** Places of the first and the last fact of an input of `symbol`, searched from its end. */
  async input(symbol: string, input: Input): Promise<InputPlaces> {
    const { topic } = input;
    if (!isTopicName(topic)) return { first: null, last: null };
    const partition = partitionOf(symbol, this.#log.partitions(topic));
    const wanted = new Set(
      [input.firstId, input.lastId].filter((id) => !this.#places.has(`${topic}/${id}`)),
    );
    if (wanted.size > 0) await this.#searchBack(topic, partition, input.publishedAt, wanted);
    return {
      first: this.#places.get(`${topic}/${input.firstId}`) ?? null,
      last: this.#places.get(`${topic}/${input.lastId}`) ?? null,
    };
  }

  async #searchBack(
    topic: TopicName,
    partition: number,
    publishedAtMs: number,
    wanted: Set<string>,
  ): Promise<void> {
    const start = await this.#log.startOffset(topic, partition);
    const end = await this.#coveredAt(topic, partition, publishedAtMs);
    const lowest = Math.max(start, end - MAX_RECORDS_SEARCHED);
    for (let to = end; to > lowest && wanted.size > 0; to -= CHUNK) {
      await this.#rememberWanted(topic, partition, Math.max(lowest, to - CHUNK), to, wanted);
    }
    // A late fact lies behind the cut of its time.
    const behind = Math.min(await this.#log.endOffset(topic, partition), end + MAX_LATE_RECORDS);
    if (wanted.size > 0) await this.#rememberWanted(topic, partition, end, behind, wanted);
  }

  async #rememberWanted(
    topic: TopicName,
    partition: number,
    from: number,
    to: number,
    wanted: Set<string>,
  ): Promise<void> {
    // A read may stop short of the count at its limit of bytes.
    for (let offset = from; offset < to && wanted.size > 0; ) {
      const records = await this.#chunk(topic, partition, offset);
      if (records.length === 0) return;
      for (const record of records) {
        const id = record.headers.ce_id;
        if (id !== undefined && wanted.delete(id)) this.#remember(record, id);
      }
      offset = nextOffset(records, offset);
    }
  }

  /** First offset of a fact partition that the first tick at or after an instant does not cover. */
  async #coveredAt(topic: TopicName, partition: number, atMs: number): Promise<number> {
    const clock = "ops.clock.v1";
    const end = await this.#log.endOffset(topic, partition);
    if (partition >= this.#log.partitions(clock)) return end;
    const offset = await this.#firstAt(clock, partition, (record) => eventTime(record) >= atMs);
    const [tick] = await this.#log.read(clock, partition, offset, {
      maxRecords: 1,
      maxBytes: CHUNK_BYTES,
    });
    const decoded = tick?.value == null ? null : decodeEvent(clock, tick.value);
    if (decoded === null || !decoded.ok) return end;
    const cut = decoded.value.cuts.find((candidate) => candidate.topic === topic);
    return Math.min(end, cut?.endOffset ?? end);
  }

  /** First offset whose record satisfies a condition that, once true, stays true. */
  async #firstAt(
    topic: TopicName,
    partition: number,
    holds: (record: LogRecord) => boolean,
  ): Promise<number> {
    let low = await this.#log.startOffset(topic, partition);
    let high = await this.#log.endOffset(topic, partition);
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const [record] = await this.#log.read(topic, partition, middle, {
        maxRecords: 1,
        maxBytes: CHUNK_BYTES,
      });
      if (record === undefined || holds(record)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #chunk(topic: TopicName, partition: number, offset: number): Promise<readonly LogRecord[]> {
    return this.#log.read(topic, partition, offset, { maxRecords: CHUNK, maxBytes: CHUNK_BYTES });
  }

  #remember({ topic, partition, offset }: LogRecord, id: string): RecordPlace {
    const place = { topic, partition, offset };
    this.#places.set(`${topic}/${id}`, place);
    const [oldest] = this.#places.keys();
    if (this.#places.size > REMEMBERED_PLACES && oldest !== undefined) this.#places.delete(oldest);
    return place;
  }
}

function eventTime(record: LogRecord): number {
  return Date.parse(record.headers.ce_time ?? "");
}
