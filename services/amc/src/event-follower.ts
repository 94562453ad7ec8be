import { nextOffset } from "@amc/platform/log/next-offset";
import type { Lease, Log, LogRecord } from "@amc/platform/log/port";
import { type DecodedRecord, decodeRecord } from "@amc/platform/runtime/decode-record";
import type { TopicName } from "@amc/schemas/topics";
import type { AnyEvent } from "@amc/streams/kernel/stage";

const LIMITS = { maxRecords: 5_000, maxBytes: 8 * 1024 * 1024 };
/** One unit of work: a follower reads all partitions. */
const UNIT = 0;

/** A record of a followed topic that is no event: our own stages wrote it, and nobody dead-letters it. */
export interface UnreadableRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly code: string;
  readonly reason: string;
}

/** What is new since the last look. */
export interface Followed {
  /** Ordered by event time, topic and id. */
  readonly events: readonly AnyEvent[];
  /** Each of them is handed out once, and passed over. */
  readonly unreadable: readonly UnreadableRecord[];
}

/**
 * Reads topics from a position on, all partitions, and hands out what is new in event-time order.
 * A named follower keeps its position in the log, so that a second start repeats nothing.
 */
export class EventFollower {
  readonly #log: Log;
  readonly #topics: readonly TopicName[];
  readonly #lease: Lease | null;
  readonly #next = new Map<string, number>();

  private constructor(log: Log, topics: readonly TopicName[], lease: Lease | null) {
    this.#log = log;
    this.#topics = topics;
    this.#lease = lease;
  }

  /** From the beginning, remembering nothing. */
  static fromStart(log: Log, topics: readonly TopicName[]): EventFollower {
    return new EventFollower(log, topics, null);
  }

  /** From where the follower of this name stopped. */
  static async resume(
    log: Log,
    topics: readonly TopicName[],
    name: string,
  ): Promise<EventFollower> {
    const follower = new EventFollower(log, topics, await log.acquire(name, UNIT));
    for (const { topic, partition, next } of await log.positions(name, UNIT)) {
      follower.#next.set(`${topic}/${partition}`, next);
    }
    return follower;
  }

  async poll(): Promise<Followed> {
    const events: AnyEvent[] = [];
    const unreadable: UnreadableRecord[] = [];
    for (const topic of this.#topics) {
      for (let partition = 0; partition < this.#log.partitions(topic); partition += 1) {
        await this.#readPartition(topic, partition, { events, unreadable });
      }
    }
    events.sort(
      (a, b) =>
        a.value.happenedAt - b.value.happenedAt ||
        this.#topics.indexOf(a.topic) - this.#topics.indexOf(b.topic) ||
        (a.id < b.id ? -1 : 1),
    );
    return { events, unreadable };
  }

  /** Remembers that everything polled so far was shown. */
  async acknowledge(): Promise<void> {
    if (this.#lease === null) return;
    const positions = [...this.#next].map(([place, next]) => {
      const [topic = "", partition = ""] = place.split("/");
      return { topic, partition: Number(partition), next };
    });
    await this.#log.commit({ appends: [], lease: this.#lease, positions });
  }

  async #readPartition(
    topic: TopicName,
    partition: number,
    into: { readonly events: AnyEvent[]; readonly unreadable: UnreadableRecord[] },
  ): Promise<void> {
    const key = `${topic}/${partition}`;
    for (;;) {
      const from = this.#next.get(key) ?? 0;
      const records = await this.#log.read(topic, partition, from, LIMITS);
      if (records.length === 0) return;
      for (const record of records) {
        const decoded = decodeRecord(record, false);
        if (decoded.ok) into.events.push(decoded.event);
        else into.unreadable.push(unreadableRecord(record, decoded));
      }
      this.#next.set(key, nextOffset(records, from));
    }
  }
}

function unreadableRecord(
  { topic, partition, offset }: LogRecord,
  { code, reason }: Extract<DecodedRecord, { ok: false }>,
): UnreadableRecord {
  return { topic, partition, offset, code, reason };
}
