import { setTimeout as wait } from "node:timers/promises";
import { LogError } from "../../errors.ts";
import { SEND_FOR_MS } from "../batch-sender.ts";
import { canRetry, isAnswer } from "../broker-failure.ts";
import type { KafkaConnection } from "../client-options.ts";
import type { Cluster } from "../cluster.ts";
import { TransactionClient } from "../transaction-client.ts";
import type { Transaction, Transactions, Written } from "../transactions.ts";
import { EpochProducer } from "./epoch-producer.ts";
import { failureOf } from "./failure.ts";

const AGAIN_MS = 50;

/**
 * Transactions by kafkajs: a producer, with connections of its own, for each transactional id. Slower than
 * ours, and made by others: what is in doubt about one can be held against the other.
 */
export class KafkajsTransactions implements Transactions {
  readonly #connection: KafkaConnection;
  readonly #cluster: Cluster;
  /** Producers that were begun. */
  #begun = 0;
  readonly #producers = new Map<string, EpochProducer>();

  constructor(connection: KafkaConnection, cluster: Cluster) {
    this.#connection = connection;
    this.#cluster = cluster;
  }

  begin(transactionalId: string): void {
    this.#producers.get(transactionalId)?.end();
    this.#producers.delete(transactionalId);
  }

  async write(transactionalId: string, transaction: Transaction): Promise<Written> {
    try {
      const { producer, begun } = await this.#begin(transactionalId, transaction);
      const outputs = await producer.send(begun, transaction.outputs);
      const changes = transaction.changelog(outputs);
      const changelog = await producer.send(begun, changes);
      await producer.commit(begun);
      return { outputs, changelog, changes };
    } catch (error) {
      throw failureOf(error);
    }
  }

  async close(): Promise<void> {
    for (const transactionalId of [...this.#producers.keys()]) this.begin(transactionalId);
  }

  /**
   * A broker that hangs, met while a producer begins, stays in its way: the next try is another producer's.
   * Whoever begins has no epoch that a repetition could take from anybody but itself.
   */
  async #begin(transactionalId: string, { unit }: Transaction) {
    const known = this.#producers.get(transactionalId);
    if (known !== undefined && !known.hasLostRequest) {
      return { producer: known, begun: await known.begin() };
    }
    // A new epoch of a unit's id is the owner's to begin: asked for here, it might be taken from a newer one.
    if (known !== undefined && unit !== null) throw needsNewEpoch(transactionalId);
    const startedMs = performance.now();
    for (;;) {
      this.begin(transactionalId);
      const producer = new EpochProducer(this.#inTurn(), transactionalId);
      this.#producers.set(transactionalId, producer);
      try {
        return { producer, begun: await producer.begin() };
      } catch (error) {
        const failure = failureOf(error);
        if (!canRetry(failure) || performance.now() - startedMs > SEND_FOR_MS) throw failure;
        await this.#checkRefusal(transactionalId);
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

  /** The client does not say why it found no coordinator: brokers are asked again, for what no later try changes. */
  async #checkRefusal(transactionalId: string): Promise<void> {
    try {
      await new TransactionClient(this.#cluster, transactionalId, "transactions").coordinator();
    } catch (error) {
      if (isAnswer(error) && !canRetry(error)) throw error;
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
