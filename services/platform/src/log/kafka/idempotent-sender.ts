import { initProducerIdV4 } from "@platformatic/kafka";
import { LogError } from "../errors.ts";
import { BatchSender, type ProducerIdentity } from "./batch-sender.ts";
import { untilAnswered, writeFailure } from "./broker-failure.ts";
import type { Cluster } from "./cluster.ts";
import type { Outgoing } from "./outgoing.ts";

/** Kafka's marks for a producer that has no identity yet. */
const NO_PRODUCER_ID = -1n;
const NO_EPOCH = -1;

/**
 * Sends with the identity of an idempotent producer, one call at a time. When nobody knows whether a
 * send took place, the identity is dropped: its sequence numbers are worth nothing any more.
 */
export class IdempotentSender {
  readonly #cluster: Cluster;
  readonly #sender: BatchSender;
  readonly #timeoutMs: number;
  #identity: ProducerIdentity | null = null;

  constructor(cluster: Cluster, timeoutMs: number) {
    this.#cluster = cluster;
    this.#timeoutMs = timeoutMs;
    this.#sender = new BatchSender(cluster, { lane: "sends", timeoutMs });
  }

  /**
   * Offsets of the records, in their order. Throws `log.outcome-unknown` when some, all or none of
   * them may be in the log.
   */
  async send(records: readonly Outgoing[]): Promise<number[]> {
    if (records.length === 0) return [];
    this.#identity ??= await this.#identify();
    try {
      return await this.#sender.send(this.#identity, records);
    } catch (error) {
      this.#identity = null;
      throw unknownOutcome(error, records);
    }
  }

  /** Any broker gives one; nothing is written by it. */
  async #identify(): Promise<ProducerIdentity> {
    const ask = () =>
      this.#cluster.ask("sends", (connection) =>
        initProducerIdV4.api.async(connection, null, this.#timeoutMs, NO_PRODUCER_ID, NO_EPOCH),
      );
    const { producerId, producerEpoch } = await untilAnswered(
      ask,
      () => this.#cluster.forget(),
      {},
    );
    return { transactionalId: null, producerId, producerEpoch, sequences: new Map() };
  }
}

function unknownOutcome(error: unknown, records: readonly Outgoing[]): LogError {
  const { topic, partition } = records[0] ?? { topic: "", partition: 0 };
  const facts = { topic, partition, records: records.length };
  const failure = writeFailure(error, facts);
  // Several partitions share a request: what one refused, another may have taken.
  const what = `a send ended without an answer to trust (${failure.message})`;
  return new LogError(failure.code, what, failure.facts, { cause: error });
}
