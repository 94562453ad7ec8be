import { setTimeout as wait } from "node:timers/promises";
import {
  addPartitionsToTxnV3,
  type Broker,
  type Connection,
  endTxnV3,
  findCoordinatorV4,
  initProducerIdV4,
  ProtocolError,
} from "@platformatic/kafka";
import type { ProducerIdentity } from "./batch-sender.ts";
import { canRetry, isAnswer, isBrokerError } from "./broker-failure.ts";
import type { Cluster } from "./cluster.ts";

/** Kafka's marks for a producer that has no identity yet. */
const NO_PRODUCER_ID = -1n;
const NO_EPOCH = -1;
/** Of `FindCoordinator`: the key is a transactional id. */
const TRANSACTION = 1;
/**
 * A transaction that is open for longer is ended by the brokers, which look every 10 s. Nothing behind one
 * that its writer has left open is seen by readers of committed records until then, and for half of Kafka's
 * default no commit is expected to last.
 */
export const TRANSACTION_TIMEOUT_MS = 30_000;
/** After so long the brokers have ended every transaction, with some seconds to spare. */
export const ENDED_WITHIN_MS = TRANSACTION_TIMEOUT_MS + 15_000;

/**
 * A transaction begins while the markers of the one before are still being written: brokers answer
 * CONCURRENT_TRANSACTIONS for some milliseconds. A broker that stalls answers nothing for seconds.
 */
const FIRST_PAUSE_MS = 2;
const MAX_PAUSE_MS = 200;
const GIVE_UP_MS = 40_000;

/**
 * What the coordinator of transactions is asked for one transactional id. Every request here may be
 * repeated: the coordinator answers a repetition of what it has already done as it did the first time.
 */
export class TransactionClient {
  readonly #cluster: Cluster;
  readonly #transactionalId: string;
  readonly #lane: string;
  #coordinator: Broker | null = null;
  #hasLostRequest = false;

  constructor(cluster: Cluster, transactionalId: string, lane: string) {
    this.#cluster = cluster;
    this.#transactionalId = transactionalId;
    this.#lane = lane;
  }

  /**
   * Whether a request stayed without an answer since the epoch began. It may still arrive: if it does in
   * a later transaction of the same epoch, it ends or extends that one, so there must be none.
   */
  get hasLostRequest(): boolean {
    return this.#hasLostRequest;
  }

  /** Who coordinates transactions of the id; throws what brokers have against its use. */
  async coordinator(): Promise<Broker> {
    this.#coordinator ??= await this.#find();
    return this.#coordinator;
  }

  /** A new epoch of the id: whoever had it before is fenced, and what that left open is ended. */
  begin(): Promise<ProducerIdentity> {
    return this.#init(NO_PRODUCER_ID, NO_EPOCH);
  }

  /**
   * The next epoch for who has the id (KIP-360). Throws PRODUCER_FENCED when somebody else has begun since:
   * asked for as in `begin`, the id would be taken back from its rightful owner.
   */
  renew({ producerId, producerEpoch }: ProducerIdentity): Promise<ProducerIdentity> {
    return this.#init(producerId, producerEpoch);
  }

  async #init(knownId: bigint, knownEpoch: number): Promise<ProducerIdentity> {
    const { producerId, producerEpoch } = await this.#ask((connection) =>
      initProducerIdV4.api.async(
        connection,
        this.#transactionalId,
        TRANSACTION_TIMEOUT_MS,
        knownId,
        knownEpoch,
      ),
    );
    const transactionalId = this.#transactionalId;
    this.#hasLostRequest = false;
    return { transactionalId, producerId, producerEpoch, sequences: new Map() };
  }

  /** Tells of partitions before the first record of the transaction goes to them. */
  async addPartitions(
    { producerId, producerEpoch }: ProducerIdentity,
    places: readonly { readonly topic: string; readonly partition: number }[],
  ): Promise<void> {
    const topics = new Map<string, number[]>();
    for (const { topic, partition } of places) {
      topics.set(topic, [...(topics.get(topic) ?? []), partition]);
    }
    const transaction = {
      ...{ transactionalId: this.#transactionalId, producerId, producerEpoch },
      topics: [...topics].map(([name, partitions]) => ({ name, partitions })),
      verifyOnly: false,
    };
    await this.#ask((connection) => addPartitionsToTxnV3.api.async(connection, [transaction]));
  }

  /** Ends the transaction that the identity has open: all of it counts, or nothing. */
  async end({ producerId, producerEpoch }: ProducerIdentity, isCommit: boolean): Promise<void> {
    await this.#ask((connection) =>
      endTxnV3.api.async(connection, this.#transactionalId, producerId, producerEpoch, isCommit),
    );
  }

  async #ask<Answer>(request: (connection: Connection) => Promise<Answer>): Promise<Answer> {
    const startedMs = performance.now();
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)) {
      try {
        return await request(await this.#cluster.connection(await this.coordinator(), this.#lane));
      } catch (error) {
        if (!canRetry(error) || performance.now() - startedMs > GIVE_UP_MS) throw error;
        if (!isBrokerError(error, "CONCURRENT_TRANSACTIONS")) {
          this.#coordinator = null;
          this.#hasLostRequest ||= !isAnswer(error);
        }
        await wait(pauseMs);
      }
    }
  }

  async #find(): Promise<Broker> {
    const { coordinators } = await this.#cluster.ask(this.#lane, (connection) =>
      findCoordinatorV4.api.async(connection, TRANSACTION, [this.#transactionalId]),
    );
    const [found] = coordinators;
    if (found === undefined) throw new ProtocolError("COORDINATOR_NOT_AVAILABLE");
    return { host: found.host, port: found.port };
  }
}
