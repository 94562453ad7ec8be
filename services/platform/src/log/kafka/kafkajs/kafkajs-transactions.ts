import { setTimeout as wait } from "node:timers/promises";
import { LogError } from "../../errors.ts";
import { SEND_FOR_MS } from "../batch-sender.ts";
import { brokerFailure, canRetry } from "../broker-failure.ts";
import { type KafkaConnection, REQUEST_TIMEOUT_MS } from "../client-options.ts";
import { Cluster } from "../cluster.ts";
import { TransactionClient } from "../transaction-client.ts";
import type { Transaction, Transactions, Written } from "../transactions.ts";
import { type Dial, EpochProducer } from "./epoch-producer.ts";
import { failureOf } from "./failure.ts";

const AGAIN_MS = 50;
/** Twice as long as a broker that hangs may keep our own client. */
const CHECK_FOR_MS = 2 * REQUEST_TIMEOUT_MS;

/**
 * Transactions by kafkajs: a producer, with connections of its own, for each transactional id. Slower than
 * ours, and made by others: what is in doubt about one can be held against the other.
 */
export class KafkajsTransactions implements Transactions {
  readonly #connection: KafkaConnection;
  readonly #dial: Dial | undefined;
  #isClosed = false;
  readonly #producers = new Map<string, EpochProducer>();

  constructor(connection: KafkaConnection, dial?: Dial) {
    this.#dial = dial;
    this.#connection = connection;
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
    this.#isClosed = true;
    for (const transactionalId of [...this.#producers.keys()]) this.begin(transactionalId);
  }

  /**
   * A broker that hangs, met while a producer begins, stays in its way: the next try is another producer's,
   * which begins with another broker. Whoever begins has no epoch that a repetition could take from anybody
   * but itself.
   */
  async #begin(transactionalId: string, { unit, places }: Transaction) {
    const known = this.#producers.get(transactionalId);
    if (known !== undefined && !known.hasLostRequest) {
      return { producer: known, begun: await known.begin() };
    }
    // A new epoch of a unit's id is the owner's to begin: asked for here, it might be taken from a newer one.
    if (known !== undefined && unit !== null) throw needsNewEpoch(transactionalId);
    const startedMs = performance.now();
    for (let turn = unit?.partition ?? 0; ; turn += 1) {
      this.begin(transactionalId);
      if (this.#isClosed) throw new LogError("log.closed", "The log is closed");
      const producer = new EpochProducer(this.#inTurn(turn), transactionalId, this.#dial);
      this.#producers.set(transactionalId, producer);
      const leftMs = SEND_FOR_MS - (performance.now() - startedMs);
      try {
        return { producer, begun: await producer.begin(leftMs) };
      } catch (error) {
        producer.end();
        const failure = failureOf(error);
        if (!canRetry(failure)) throw failure;
        await this.#checkRefusal(transactionalId, places);
        if (performance.now() - startedMs > SEND_FOR_MS) throw failure;
        await wait(AGAIN_MS);
      }
    }
  }

  /** The client begins with the first broker that it is given. */
  #inTurn(turn: number): KafkaConnection {
    const { brokers } = this.#connection;
    const first = turn % brokers.length;
    return { ...this.#connection, brokers: [...brokers.slice(first), ...brokers.slice(0, first)] };
  }

  async #fail(transactionalId: string, { places }: Transaction, error: unknown): Promise<never> {
    // Nothing of it is to arrive after its failure was told.
    this.begin(transactionalId);
    const failure = failureOf(error);
    if (canRetry(failure)) await this.#checkRefusal(transactionalId, places);
    throw failure;
  }

  /**
   * The client takes refusals for outages: of a login, a certificate, a topic that is gone, or the use of the
   * id. So our own asks, over connections of its own, which have to log in, and throws what no later try
   * changes; who does not answer it in time is away.
   */
  async #checkRefusal(transactionalId: string, places: Transaction["places"]): Promise<void> {
    const cluster = new Cluster(this.#connection);
    const asking = async (): Promise<void> => {
      await new TransactionClient(cluster, transactionalId, "transactions").coordinator();
      for (const topic of new Set(places.map((place) => place.topic))) await cluster.topicId(topic);
    };
    const answered = new AbortController();
    try {
      const late = wait(CHECK_FOR_MS, undefined, { signal: answered.signal });
      await Promise.race([asking(), late]);
    } catch (error) {
      const failure = brokerFailure(error, "log.unavailable");
      if (failure.code !== "log.unavailable") throw failure;
    } finally {
      answered.abort();
      await cluster.close();
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
