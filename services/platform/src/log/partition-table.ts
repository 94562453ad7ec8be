import { LogError } from "./errors.ts";
import type { TopicLayout } from "./port.ts";

/** What Kafka allows, so that a layout that works here works there. */
const TOPIC_NAME = /^[a-zA-Z0-9._-]{1,249}$/;

/** One entry for each partition of a layout; refuses what the layout does not name. */
export class PartitionTable<Entry> {
  readonly #layout: readonly TopicLayout[];
  readonly #entries = new Map<string, readonly Entry[]>();

  constructor(layout: readonly TopicLayout[], create: (topic: string, partition: number) => Entry) {
    this.#layout = layout.map(({ topic, partitions }) => ({ topic, partitions }));
    for (const { topic, partitions } of this.#layout) {
      if (!TOPIC_NAME.test(topic)) {
        throw new LogError("log.format", `${JSON.stringify(topic)} cannot be the name of a topic`);
      }
      if (this.#entries.has(topic)) {
        throw new LogError("log.format", `Topic ${topic} is in the layout twice`, { topic });
      }
      if (!Number.isSafeInteger(partitions) || partitions < 1) {
        throw new LogError(
          "log.format",
          `Topic ${topic} must have at least one partition, was ${partitions}`,
          { topic },
        );
      }
      const entries = Array.from({ length: partitions }, (_, partition) =>
        create(topic, partition),
      );
      this.#entries.set(topic, entries);
    }
  }

  topics(): readonly TopicLayout[] {
    return this.#layout;
  }

  partitions(topic: string): number {
    return this.#ofTopic(topic).length;
  }

  at(topic: string, partition: number): Entry {
    const entry = this.#ofTopic(topic)[partition];
    if (entry === undefined) {
      throw new LogError(
        "log.unknown-partition",
        `Topic ${topic} has ${this.partitions(topic)} partitions, was asked for ${partition}`,
        { topic, partition },
      );
    }
    return entry;
  }

  *entries(): Generator<Entry> {
    for (const entries of this.#entries.values()) yield* entries;
  }

  #ofTopic(topic: string): readonly Entry[] {
    const entries = this.#entries.get(topic);
    if (entries === undefined) {
      throw new LogError("log.unknown-topic", `The log has no topic ${topic}`, { topic });
    }
    return entries;
  }
}
