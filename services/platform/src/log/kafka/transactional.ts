import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { Kafka, logLevel, Partitioners, type Producer, type RecordMetadata } from "kafkajs";
import { LogError } from "../errors.ts";
import { brokerFailure } from "./broker-failure.ts";
import { type KafkaConnection, REQUEST_TIMEOUT_MS } from "./client-options.ts";
import type { Cluster } from "./cluster.ts";
import type { Batch, Delivered, Delivery } from "./delivery.ts";
import { type Outgoing, rounds } from "./outgoing.ts";
import type { WorkUnit } from "./unit.ts";

const ROUND_LIMITS = { partitionBytes: 786_432, roundBytes: 4 * 1_048_576 };

/**
 * A transaction begins while the markers of the one before are still being written: brokers answer
 * CONCURRENT_TRANSACTIONS for some milliseconds, for which the client's own waits are far too long.
 */
const RETRY = { initialRetryTime: 5, factor: 0, multiplier: 1.5, retries: 30, maxRetryTime: 200 };

/** Readers see a transaction a moment after its end was answered; for so long we wait for them. */
const VISIBLE_WITHIN_MS = 10_000;

/**
 * One transaction holds outputs and changelog records of one unit, written by a producer whose
 * transactional id is the unit's: a newer owner's first transaction fences it at the brokers. Sends
 * are one at a time, because the client loses records when they overlap and a leader stalls.
 */
export class TransactionalDelivery implements Delivery {
  readonly isDense = false;
  readonly needsMarks = false;
  readonly #kafka: Kafka;
  readonly #cluster: Cluster;
  readonly #prefix: string;
  /** Transactional id of commits without a lease: nobody else has it. */
  readonly #ownId: string;
  readonly #producers = new Map<string, Producer>();

  constructor(connection: KafkaConnection, cluster: Cluster, prefix: string) {
    const { brokers, clientId, sasl, tls, requestTimeoutMs } = connection;
    this.#kafka = new Kafka({
      brokers: [...brokers],
      clientId,
      ...(sasl === undefined ? {} : { sasl: saslOptions(sasl) }),
      ...(tls === undefined ? {} : { ssl: tls }),
      requestTimeout: requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
      retry: RETRY,
      // Failures reach us as errors; the client would write to the terminal.
      logLevel: logLevel.NOTHING,
    });
    this.#cluster = cluster;
    this.#prefix = prefix;
    this.#ownId = `${prefix}${clientId}-${randomUUID()}`;
  }

  async begin(unit: WorkUnit): Promise<void> {
    await this.#drop(this.#idOf(unit));
  }

  async append(unit: WorkUnit, records: readonly Outgoing[]): Promise<number> {
    const { changelog } = await this.write({
      units: [unit],
      outputs: [],
      changelog: () => records,
    });
    return changelog.at(-1) ?? -1;
  }

  async write({ units, outputs, changelog }: Batch): Promise<Delivered> {
    const [unit] = units;
    const id = unit === undefined ? this.#ownId : this.#idOf(unit);
    try {
      const producer = await this.#open(id);
      const transaction = await producer.transaction();
      const outputOffsets = await send(transaction, outputs);
      const changes = changelog(outputOffsets);
      const delivered = { outputs: outputOffsets, changelog: await send(transaction, changes) };
      await transaction.commit();
      await this.#untilVisible(
        [...outputs, ...changes],
        [...outputOffsets, ...delivered.changelog],
      );
      return delivered;
    } catch (error) {
      // A producer that failed once is worth nothing; a new one ends what this one has begun.
      await this.#drop(id);
      throw brokerFailure(error, "log.outcome-unknown", {
        topic: outputs[0]?.topic ?? unit?.place.topic ?? "",
        ...(unit === undefined ? {} : { group: unit.group, partition: unit.partition }),
      });
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#producers.keys()].map((id) => this.#drop(id)));
  }

  #idOf({ group, partition }: WorkUnit): string {
    return `${this.#prefix}${group}-${partition}`;
  }

  async #open(transactionalId: string): Promise<Producer> {
    const known = this.#producers.get(transactionalId);
    if (known !== undefined) return known;
    const producer = this.#kafka.producer({
      transactionalId,
      idempotent: true,
      maxInFlightRequests: 1,
      createPartitioner: Partitioners.DefaultPartitioner,
      retry: RETRY,
    });
    this.#producers.set(transactionalId, producer);
    await producer.connect();
    return producer;
  }

  async #drop(transactionalId: string): Promise<void> {
    const producer = this.#producers.get(transactionalId);
    this.#producers.delete(transactionalId);
    await Promise.allSettled([producer?.disconnect()]);
  }

  async #untilVisible(records: readonly Outgoing[], offsets: readonly number[]): Promise<void> {
    const reach = new Map<string, { topic: string; partition: number; offset: number }>();
    records.forEach(({ topic, partition }, index) => {
      const offset = offsets[index] ?? -1;
      reach.set(`${partition}\u0000${topic}`, { topic, partition, offset });
    });
    const startedMs = performance.now();
    for (const { topic, partition, offset } of reach.values()) {
      while ((await this.#cluster.endOffset(topic, partition)) <= offset) {
        if (performance.now() - startedMs > VISIBLE_WITHIN_MS) return;
        await wait(1);
      }
    }
  }
}

type Transaction = Awaited<ReturnType<Producer["transaction"]>>;

async function send(transaction: Transaction, records: readonly Outgoing[]): Promise<number[]> {
  const offsets: number[] = [];
  for (const round of rounds(records, ROUND_LIMITS)) {
    const topics = new Map<string, Outgoing[]>();
    for (const record of round) {
      const ofTopic = topics.get(record.topic);
      if (ofTopic === undefined) topics.set(record.topic, [record]);
      else ofTopic.push(record);
    }
    const answers = await transaction.sendBatch({
      acks: -1,
      topicMessages: [...topics].map(([topic, ofTopic]) => ({
        topic,
        messages: ofTopic.map(({ partition, key, value, headers }) => ({
          partition,
          key,
          value,
          headers: Object.fromEntries(headers),
        })),
      })),
    });
    offsets.push(...offsetsOf(round, answers));
  }
  return offsets;
}

/** Each answer gives the offset of the first record of its partition; the others follow densely. */
function offsetsOf(round: readonly Outgoing[], answers: readonly RecordMetadata[]): number[] {
  const next = new Map(
    answers.map(({ topicName, partition, baseOffset }) => [
      `${partition}\u0000${topicName}`,
      Number(baseOffset ?? -1),
    ]),
  );
  return round.map(({ topic, partition }) => {
    const id = `${partition}\u0000${topic}`;
    const offset = next.get(id);
    if (offset === undefined || offset < 0) {
      throw new LogError("log.outcome-unknown", `no offset for ${topic}/${partition}`, {
        topic,
        partition,
      });
    }
    next.set(id, offset + 1);
    return offset;
  });
}

function saslOptions({ mechanism, username, password }: NonNullable<KafkaConnection["sasl"]>) {
  const credentials = { username, password };
  if (mechanism === "SCRAM-SHA-256") return { mechanism: "scram-sha-256" as const, ...credentials };
  return { mechanism: "scram-sha-512" as const, ...credentials };
}
