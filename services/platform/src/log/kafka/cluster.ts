import {
  Admin,
  type Broker,
  type Connection,
  ConnectionPool,
  listOffsetsV7,
  metadataV12,
} from "@platformatic/kafka";
import { LogError } from "../errors.ts";
import { brokerFailure, isBrokerError, untilAnswered } from "./broker-failure.ts";
import { clientOptions, connectionOptions, type KafkaConnection } from "./client-options.ts";

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

/** What this process knows of the cluster, and its connections for everything but sends. */
export class Cluster {
  readonly #admin: Admin;
  readonly #connection: KafkaConnection;
  readonly #pools = new Map<string, ConnectionPool>();
  readonly #topics = new Map<string, TopicHome>();
  /** Ids of topics by name, never forgotten: another one is another topic. */
  readonly #ids = new Map<string, string>();
  #brokers: ReadonlyMap<number, Broker> = new Map();
  #isClosed = false;

  constructor(connection: KafkaConnection) {
    this.#connection = connection;
    // Our own retries refresh the metadata between two tries.
    this.#admin = new Admin({ ...clientOptions(connection), retries: 0, metadataMaxAge: 0 });
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

  /**
   * The id of a topic, which it has from its creation to its deletion. Throws `log.topic-replaced`
   * when this process has known another one under the name.
   */
  async topicId(topic: string): Promise<string> {
    return (await this.#home(topic)).id;
  }

  /** As far as this process has seen it already. */
  knownTopicId(topic: string): string | undefined {
    return this.#ids.get(topic);
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
    const partitions = [{ partition, offset: BigInt(offset) }];
    const remove = () => this.#admin.deleteRecords({ topics: [{ name: topic, partitions }] });
    await untilAnswered(remove, () => this.forget(), { topic, partition, offset });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#pools.values()].map((pool) => pool.close()));
    await this.#admin.close();
  }

  async #home(topic: string): Promise<TopicHome> {
    const known = this.#topics.get(topic);
    if (known !== undefined) return known;
    const pool = this.#pool("requests");
    const connection = await pool.getFirstAvailable(this.#bootstrap());
    const { brokers, topics } = await metadataV12.api.async(connection, [topic], false, false);
    const leaders: number[] = [];
    for (const { partitionIndex, leaderId } of topics[0]?.partitions ?? []) {
      leaders[partitionIndex] = leaderId;
    }
    const home = { id: topics[0]?.topicId ?? "", leaders };
    const id = this.#ids.get(topic) ?? home.id;
    if (id !== home.id) throw topicReplaced(topic, { known: id, found: home.id });
    this.#ids.set(topic, id);
    this.#brokers = new Map(brokers.map(({ nodeId, host, port }) => [nodeId, { host, port }]));
    this.#topics.set(topic, home);
    return home;
  }

  /** Brokers that are known, then those that we were told of. */
  #bootstrap(): Broker[] {
    const named = this.#connection.brokers.map((address) => {
      const at = address.lastIndexOf(":");
      return { host: address.slice(0, at), port: Number(address.slice(at + 1)) };
    });
    return [...this.#brokers.values(), ...named];
  }

  #pool(lane: string): ConnectionPool {
    let pool = this.#pools.get(lane);
    if (pool === undefined) {
      pool = new ConnectionPool(this.#connection.clientId, connectionOptions(this.#connection));
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

/** A topic was deleted, and another one has its name now. */
export function topicReplaced(
  topic: string,
  ids: { readonly known: string; readonly found: string },
): LogError {
  const message = `${topic} was deleted and created again: what was read of it is gone, and its offsets mean something else`;
  return new LogError("log.topic-replaced", message, { topic, ...ids });
}
