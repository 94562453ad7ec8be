import {
  type Broker,
  type Connection,
  deleteRecordsV2,
  listOffsetsV7,
  metadataV12,
  ProtocolError,
  ResponseError,
} from "@platformatic/kafka";
import { z } from "zod";
import { LogError } from "../errors.ts";
import { brokerFailure, isBrokerError, untilAnswered } from "./broker-failure.ts";
import { BrokerOrder } from "./broker-order.ts";
import { type KafkaConnection, REQUEST_TIMEOUT_MS } from "./client-options.ts";
import { Connections } from "./connections.ts";
import { topicReplaced } from "./topic-replaced.ts";

/** Readers see what is committed, in both delivery modes. */
export const READ_COMMITTED = 1;

const LATEST = -1n;
const EARLIEST = -2n;

/** Where a partition is to be asked for. */
export interface PartitionHome {
  readonly topicId: string;
  readonly node: number;
  readonly broker: Broker;
}

interface TopicHome {
  readonly id: string;
  readonly leaders: readonly number[];
}

/** What this process knows of the cluster, and its connections: one of each lane to each broker. */
export class Cluster {
  readonly #connection: KafkaConnection;
  readonly #order = new BrokerOrder();
  readonly #pools = new Map<string, Connections>();
  readonly #topics = new Map<string, TopicHome>();
  /** As first seen: a topic that was deleted and created anew has another id. */
  readonly #ids = new Map<string, string>();
  #brokers: ReadonlyMap<number, Broker> = new Map();
  #isClosed = false;

  constructor(connection: KafkaConnection) {
    this.#connection = connection;
  }

  /** Partitions of a topic as the cluster has it; 0 when it has none of that name. */
  async partitionCount(topic: string): Promise<number> {
    try {
      return (await this.#home(topic)).leaders.length;
    } catch (error) {
      if (isBrokerError(error, "UNKNOWN_TOPIC_OR_PARTITION")) return 0;
      throw brokerFailure(error, "log.unavailable", { topic });
    }
  }

  /** What tells a topic from another one that had its name before. */
  topicId(topic: string): Promise<string> {
    const ask = async () => (await this.#home(topic)).id;
    return untilAnswered(ask, () => this.forget(), { topic });
  }

  /** Throws `log.topic-replaced` when the topic is not the one that this process has seen first. */
  async home(topic: string, partition: number): Promise<PartitionHome> {
    const { id, leaders } = await this.#home(topic);
    const node = leaders[partition] ?? -1;
    const broker = this.#brokers.get(node);
    if (broker === undefined) {
      throw new LogError("log.unavailable", `${topic}/${partition} has no leader`, {
        topic,
        partition,
      });
    }
    return { topicId: id, node, broker };
  }

  /** Forgets who leads what; the next request asks. Throws `log.closed`, which ends all retries. */
  forget(): void {
    if (this.#isClosed) throw new LogError("log.closed", "The log is closed");
    this.#topics.clear();
  }

  /** A connection of its own for each `lane`: a broker answers one connection's requests in order. */
  connection(broker: Broker, lane = "requests"): Promise<Connection> {
    return this.#pool(lane).get(broker);
  }

  /** What any broker can tell, of the first one that answers. */
  ask<Answer>(lane: string, request: (connection: Connection) => Promise<Answer>): Promise<Answer> {
    return this.#pool(lane).ask(request, this.#brokers.values());
  }

  startOffset(topic: string, partition: number): Promise<number> {
    return this.#offset(topic, partition, EARLIEST);
  }

  /** Offset behind the last one that readers may see. */
  endOffset(topic: string, partition: number): Promise<number> {
    return this.#offset(topic, partition, LATEST);
  }

  /** First offset appended at or after an instant; -1 when there is none. */
  offsetAtTime(topic: string, partition: number, atMs: number): Promise<number> {
    return this.#offset(topic, partition, BigInt(Math.max(0, Math.ceil(atMs))));
  }

  async truncateBefore(topic: string, partition: number, offset: number): Promise<void> {
    const partitions = [{ partitionIndex: partition, offset: BigInt(offset) }];
    const timeoutMs = this.#connection.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
    const remove = async () => {
      const { broker } = await this.home(topic, partition);
      const connection = await this.connection(broker);
      await deleteRecordsV2.api.async(connection, [{ name: topic, partitions }], timeoutMs);
    };
    await untilAnswered(remove, () => this.forget(), { topic, partition, offset });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#pools.values()].map((pool) => pool.close()));
  }

  async #home(topic: string): Promise<TopicHome> {
    const known = this.#topics.get(topic);
    if (known !== undefined) return known;
    const { brokers, topics } = await this.ask("requests", (connection) =>
      metadataV12.api.async(connection, [topic], false, false),
    ).catch(answerOfOthers);
    const leaders: number[] = [];
    for (const { partitionIndex, leaderId } of topics[0]?.partitions ?? []) {
      leaders[partitionIndex] = leaderId;
    }
    const home = { id: topics[0]?.topicId ?? "", leaders };
    const firstId = this.#ids.get(topic) ?? home.id;
    if (firstId !== home.id) throw topicReplaced(topic, { was: firstId, is: home.id });
    this.#ids.set(topic, firstId);
    this.#brokers = new Map(brokers.map(({ nodeId, host, port }) => [nodeId, { host, port }]));
    this.#topics.set(topic, home);
    return home;
  }

  #pool(lane: string): Connections {
    let pool = this.#pools.get(lane);
    if (pool === undefined) {
      pool = new Connections(this.#connection, this.#order);
      this.#pools.set(lane, pool);
    }
    return pool;
  }

  #offset(topic: string, partition: number, timestamp: bigint): Promise<number> {
    const ask = async () => {
      const { broker } = await this.home(topic, partition);
      const connection = await this.connection(broker);
      const asked = { partitionIndex: partition, currentLeaderEpoch: -1, timestamp };
      const topics = [{ name: topic, partitions: [asked] }];
      const answer = await listOffsetsV7.api.async(connection, -1, READ_COMMITTED, topics);
      return Number(answer.topics[0]?.partitions[0]?.offset ?? -1n);
    };
    return untilAnswered(ask, () => this.forget(), { topic, partition });
  }
}

/** What is read of an answer about topics. */
const METADATA = z.object({
  brokers: z.array(z.object({ nodeId: z.number(), host: z.string(), port: z.number() })),
  topics: z.array(
    z.object({
      topicId: z.string(),
      partitions: z.array(z.object({ partitionIndex: z.number(), leaderId: z.number() })),
    }),
  ),
});

/**
 * The client takes what is wrong with one partition, such as that it has no leader now, for a failure of the
 * whole request. What the answer says of the others is as good as ever; that one's leader is -1 in it.
 */
function answerOfOthers(error: unknown): z.infer<typeof METADATA> {
  if (!(error instanceof ResponseError) || !error.errors.every(isOfOnePartition)) throw error;
  return METADATA.parse(error.response);
}

/** The client says where in the answer an error stood. */
function isOfOnePartition(error: unknown): boolean {
  return error instanceof ProtocolError && /\/partitions\/\d+$/.test(String(error.path));
}
