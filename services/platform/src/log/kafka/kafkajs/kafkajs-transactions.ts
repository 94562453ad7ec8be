import { setTimeout as wait } from "node:timers/promises";
import { LogError } from "../../errors.ts";
import { SEND_FOR_MS } from "../batch-sender.ts";
import { brokerFailure, canRetry } from "../broker-failure.ts";
import type { KafkaConnection } from "../client-options.ts";
import type { Cluster } from "../cluster.ts";
import { TransactionClient } from "../transaction-client.ts";
import type { Transaction, Transactions, Written } from "../transactions.ts";
import { type Dial, EpochProducer } from "./epoch-producer.ts";
import { failureOf } from "./failure.ts";

const AGAIN_MS = 50;

/**
 * Transactions by kafkajs: a producer, with connections of its own, for each transactional id. Slower than
 * ours, and made by others: what is in doubt about one can be held against the other.
 */
export class KafkajsTransactions implements Transactions {
  readonly #connection: KafkaConnection;
  readonly #cluster: Cluster;
  readonly #dial: Dial | undefined;
  /** Producers that were begun. */
  #begun = 0;
  readonly #producers = new Map<string, EpochProducer>();

  constructor(connection: KafkaConnection, cluster: Cluster, dial?: Dial) {
    this.#dial = dial;
    this.#connection = connection;
    this.#cluster = cluster;
  }

  begin(transactionalId: string): void {
    this.#producers.get(transactionalId)?.end();
    this.#producers.delete(transactionalId);
  }

  async write(transactionalId: string, transaction: Transaction): Promise<Written> {
    const { producer, begun } = await this.#begin(transactionalId, transaction);
    const told = <Answer>(call: Promise<Answer>): Promise<Answer> =>
      call.catch((error: unknown) => this.#fail(transactionalId, transaction, error));
    const outputs = await told(producer.send(begun, transaction.outputs));
    const changes = transaction.changelog(outputs);
    const changelog = await told(producer.send(begun, changes));
    await told(producer.commit(begun));
    return { outputs, changelog, changes };
  }

  async close(): Promise<void> {
    for (const transactionalId of [...this.#producers.keys()]) this.begin(transactionalId);
  }

  /**
   * A broker that hangs, met while a producer begins, stays in its way: the next try is another producer's.
   * Whoever begins has no epoch that a repetition could take from anybody but itself.
   */
  async #begin(transactionalId: string, transaction: Transaction) {
    const known = this.#producers.get(transactionalId);
    if (known !== undefined && !known.hasLostRequest) {
      return { producer: known, begun: await known.begin() };
    }
    const { unit } = transaction;
    // A new epoch of a unit's id is the owner's to begin: asked for here, it might be taken from a newer one.
    if (known !== undefined && unit !== null) throw needsNewEpoch(transactionalId);
    const startedMs = performance.now();
    for (;;) {
      this.begin(transactionalId);
      const producer = new EpochProducer(this.#inTurn(), transactionalId, this.#dial);
      this.#producers.set(transactionalId, producer);
      try {
        return { producer, begun: await producer.begin() };
      } catch (error) {
        const isLate = performance.now() - startedMs > SEND_FOR_MS;
        if (isLate || !canRetry(failureOf(error))) throw failureOf(error);
        await this.#checkRefusal(transactionalId, transaction);
        await wait(AGAIN_MS);
      }
    }
  }

  /** The client begins with the first broker it was given: another one each time. */
  #inTurn(): KafkaConnection {
    const { brokers } = this.#connection;
    const first = this.#begun % brokers.length;
    this.#begun += 1;
    return { ...this.#connection, brokers: [...brokers.slice(first), ...brokers.slice(0, first)] };
  }

  async #fail(transactionalId: string, transaction: Transaction, error: unknown): Promise<never> {
    const failure = failureOf(error);
    if (canRetry(failure)) await this.#checkRefusal(transactionalId, transaction);
    throw failure;
  }

  /**
   * The client takes refusals for outages: of a login, a certificate, a topic that is gone, or the use of the
   * id. So our own asks once, and throws what no later try changes; who does not answer it is away.
   */
  async #checkRefusal(transactionalId: string, { places }: Transaction): Promise<void> {
    const cluster = this.#cluster;
    cluster.forget();
    try {
      await new TransactionClient(cluster, transactionalId, "transactions").coordinator();
      for (const topic of new Set(places.map((place) => place.topic))) {
        if ((await cluster.partitionCount(topic)) > 0) continue;
        throw new LogError("log.unknown-topic", `Kafka has no ${topic}`, { topic });
      }
    } catch (error) {
      const failure = brokerFailure(error, "log.unavailable");
      if (failure.code !== "log.unavailable") throw failure;
    }
  }
}

function needsNewEpoch(transactionalId: string): LogError {
  return new LogError(
    "log.unavailable",
    `A request for ${transactionalId} got no answer; its owner has to take the unit again`,
    { transactionalId },
  );
}
