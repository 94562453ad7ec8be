import type { Unit } from "../unit.ts";

/**
 * What members of a group tell each other, in the format of Kafka's own consumers
 * (ConsumerProtocolSubscription and ConsumerProtocolAssignment, version 1), so that stock tools show
 * who has what. A unit stands as its partition of its group's changelog.
 */
const VERSION = 1;

export interface Subscription {
  readonly topics: readonly string[];
  readonly owned: readonly TopicPartition[];
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export function encodeSubscription({ topics, owned }: Subscription): Buffer {
  return Buffer.concat([
    int16(VERSION),
    int32(topics.length),
    ...topics.map(text),
    NO_USER_DATA,
    topicPartitions(owned),
  ]);
}

export function encodeAssignment(assigned: readonly TopicPartition[]): Buffer {
  return Buffer.concat([int16(VERSION), topicPartitions(assigned), NO_USER_DATA]);
}

export function decodeSubscription(bytes: Buffer): Subscription {
  const reader = new MessageReader(bytes);
  const version = reader.int16();
  const topics = reader.array(() => reader.text());
  reader.skipBytes();
  return { topics, owned: version >= 1 ? reader.topicPartitions() : [] };
}

/** Empty for a member that got nothing: the coordinator then sends no bytes at all. */
export function decodeAssignment(bytes: Buffer): readonly TopicPartition[] {
  if (bytes.length === 0) return [];
  const reader = new MessageReader(bytes);
  reader.int16();
  return reader.topicPartitions();
}

/** How units stand in messages: by the name of the changelog of their group. */
export interface UnitNames {
  readonly topicOf: (group: string) => string;
  /** Null for a topic that is no changelog of ours. */
  readonly groupOf: (topic: string) => string | null;
}

export function toTopicPartition({ topicOf }: UnitNames, unit: Unit): TopicPartition {
  return { topic: topicOf(unit.group), partition: unit.partition };
}

export function toUnits({ groupOf }: UnitNames, places: readonly TopicPartition[]): Unit[] {
  return places.flatMap(({ topic, partition }) => {
    const group = groupOf(topic);
    return group === null ? [] : [{ group, partition }];
  });
}

const NO_USER_DATA = int32(-1);

function topicPartitions(places: readonly TopicPartition[]): Buffer {
  const byTopic = Map.groupBy(places, ({ topic }) => topic);
  return Buffer.concat([
    int32(byTopic.size),
    ...[...byTopic].flatMap(([topic, at]) => [
      text(topic),
      int32(at.length),
      ...at.map(({ partition }) => int32(partition)),
    ]),
  ]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([int16(bytes.length), bytes]);
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

/** Throws RangeError at the end of the bytes. */
class MessageReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  int16(): number {
    const value = this.#bytes.readInt16BE(this.#at);
    this.#at += 2;
    return value;
  }

  int32(): number {
    const value = this.#bytes.readInt32BE(this.#at);
    this.#at += 4;
    return value;
  }

  text(): string {
    const length = this.int16();
    this.#at += length;
    return this.#bytes.toString("utf8", this.#at - length, this.#at);
  }

  skipBytes(): void {
    const length = this.int32();
    this.#at += Math.max(0, length);
  }

  array<Item>(read: () => Item): Item[] {
    const items: Item[] = [];
    for (let left = this.int32(); left > 0; left -= 1) items.push(read());
    return items;
  }

  topicPartitions(): TopicPartition[] {
    return this.array(() => {
      const topic = this.text();
      return this.array(() => this.int32()).map((partition) => ({ topic, partition }));
    }).flat();
  }
}
