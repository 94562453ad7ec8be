import type { Log } from "@amc/platform/log/port";
import { decodeRecord } from "@amc/platform/runtime/decode-record";
import type { TopicName } from "@amc/schemas/topics";
import type { AnyEvent } from "@amc/streams/kernel/stage";

const LIMITS = { maxRecords: 5_000, maxBytes: 8 * 1024 * 1024 };

/** Reads topics from a position on, all partitions, and hands out what is new in event-time order. */
export class EventFollower {
  readonly #log: Log;
  readonly #topics: readonly TopicName[];
  readonly #next = new Map<string, number>();

  constructor(log: Log, topics: readonly TopicName[]) {
    this.#log = log;
    this.#topics = topics;
  }

  /** Leaves out what the log holds now: a second start repeats nothing. */
  async skipToEnd(): Promise<void> {
    for (const topic of this.#topics) {
      for (let partition = 0; partition < this.#log.partitions(topic); partition += 1) {
        this.#next.set(`${topic}/${partition}`, await this.#log.endOffset(topic, partition));
      }
    }
  }

  /** New events since the last call, ordered by event time, topic and id. */
  async poll(): Promise<readonly AnyEvent[]> {
    const events: AnyEvent[] = [];
    for (const topic of this.#topics) {
      for (let partition = 0; partition < this.#log.partitions(topic); partition += 1) {
        await this.#readPartition(topic, partition, events);
      }
    }
    return events.sort(
      (a, b) =>
        a.value.happenedAt - b.value.happenedAt ||
        this.#topics.indexOf(a.topic) - this.#topics.indexOf(b.topic) ||
        (a.id < b.id ? -1 : 1),
    );
  }

  async #readPartition(topic: TopicName, partition: number, events: AnyEvent[]): Promise<void> {
    const key = `${topic}/${partition}`;
    for (;;) {
      const from = this.#next.get(key) ?? 0;
      const records = await this.#log.read(topic, partition, from, LIMITS);
      if (records.length === 0) return;
      for (const record of records) {
        const decoded = decodeRecord(record, false);
        if (decoded.ok) events.push(decoded.event);
      }
      this.#next.set(key, from + records.length);
    }
  }
}
