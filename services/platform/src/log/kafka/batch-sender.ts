import { type Pacing, REAL_TIME } from "../../pacing.ts";
import { encodeBatch } from "./batch-encoder.ts";
import { canRetry } from "./broker-failure.ts";
import type { Cluster } from "./cluster.ts";
import { type Outgoing, rounds } from "./outgoing.ts";
import { type PartitionBatch, produce } from "./produce.ts";
import { placeId } from "./unit.ts";

/** Below Kafka's default `max.message.bytes` of 1 MiB, which is about the batch. */
export const ROUND_LIMITS = { partitionBytes: 786_432, roundBytes: 8 * 1_048_576 };

/**
 * For so long a request is repeated, each time with the same sequence numbers; coordinators are asked
 * for as long. A leader that dies is missed after `broker.session.timeout.ms`, 9 s unless set, and a
 * controller that dies with it has to be replaced first.
 */
export const SEND_FOR_MS = 40_000;
const RETRY_FIRST_MS = 50;
const RETRY_MAX_MS = 1_000;
/** Sequence numbers begin again at 0 after 2^31 - 1. */
const SEQUENCES = 2 ** 31;

/** Who the brokers know a producer as; worth nothing any more after a send that failed. */
export interface ProducerIdentity {
  /** Null outside transactions. */
  readonly transactionalId: string | null;
  readonly producerId: bigint;
  readonly producerEpoch: number;
  /** Sequence number of the next record, by `placeId`. */
  readonly sequences: Map<string, number>;
}

interface PendingBatch extends PartitionBatch {
  readonly id: string;
  /** Places of its records in the round. */
  readonly indices: readonly number[];
}

export interface BatchSenderOptions {
  /** Connections of its own: an answer that waits holds up everything behind it. */
  readonly lane: string;
  /** How long brokers may wait for their followers. */
  readonly timeoutMs: number;
  readonly produce?: typeof produce;
  readonly pacing?: Pacing;
}

/** Sends records in batches of our own encoding, at most one request per partition at a time. */
export class BatchSender {
  readonly #cluster: Cluster;
  readonly #options: BatchSenderOptions;
  readonly #pacing: Pacing;

  constructor(cluster: Cluster, options: BatchSenderOptions) {
    this.#cluster = cluster;
    this.#options = options;
    this.#pacing = options.pacing ?? REAL_TIME;
  }

  /**
   * Offsets of the records, in their order. A request without an answer is repeated with the same
   * sequence numbers, by which brokers know what they have already. Throws the last failure: then
   * some, all or none of the records may be in the log.
   */
  async send(identity: ProducerIdentity, records: readonly Outgoing[]): Promise<number[]> {
    const offsets: number[] = [];
    for (const round of rounds(records, ROUND_LIMITS)) {
      const first = offsets.length;
      offsets.length += round.length;
      for (const { indices, baseOffset } of await this.#sendRound(identity, round)) {
        indices.forEach((index, order) => {
          offsets[first + index] = baseOffset + order;
        });
      }
    }
    return offsets;
  }

  async #sendRound(identity: ProducerIdentity, round: readonly Outgoing[]) {
    const done: { readonly indices: readonly number[]; readonly baseOffset: number }[] = [];
    let open = encodeRound(identity, round);
    const startedMs = this.#pacing.nowMs();
    for (let pauseMs = RETRY_FIRST_MS; ; pauseMs = Math.min(2 * pauseMs, RETRY_MAX_MS)) {
      const tried = await Promise.all(
        (await this.#byLeader(open)).map((batches) => this.#try(identity, batches)),
      );
      const failures = tried.flatMap(({ failed }) => failed);
      for (const { batch, baseOffset } of tried.flatMap(({ taken }) => taken)) {
        done.push({ indices: batch.indices, baseOffset });
        const next = (identity.sequences.get(batch.id) ?? 0) + batch.indices.length;
        identity.sequences.set(batch.id, next % SEQUENCES);
      }
      if (failures.length === 0) return done;
      const isLate = this.#pacing.nowMs() - startedMs > SEND_FOR_MS;
      for (const { error } of failures) if (isLate || !canRetry(error)) throw error;
      this.#cluster.forget();
      await this.#pacing.pause(pauseMs);
      open = failures.map(({ batch }) => batch);
    }
  }

  /** One request for each broker that leads some of the partitions. */
  async #byLeader(batches: readonly PendingBatch[]): Promise<PendingBatch[][]> {
    const byNode = new Map<number, PendingBatch[]>();
    for (const batch of batches) {
      const node = await this.#leader(batch);
      const ofNode = byNode.get(node);
      if (ofNode === undefined) byNode.set(node, [batch]);
      else ofNode.push(batch);
    }
    return [...byNode.values()];
  }

  /** -1 when nobody can say: the try will fail, and be repeated. */
  async #leader({ topic, partition }: PartitionBatch): Promise<number> {
    try {
      return (await this.#cluster.home(topic, partition)).node;
    } catch (error) {
      if (canRetry(error)) return -1;
      throw error;
    }
  }

  async #try({ transactionalId }: ProducerIdentity, batches: readonly PendingBatch[]) {
    const taken: { readonly batch: PendingBatch; readonly baseOffset: number }[] = [];
    const failed: { readonly batch: PendingBatch; readonly error: unknown }[] = [];
    try {
      const [first] = batches;
      if (first === undefined) return { taken, failed };
      const { broker } = await this.#cluster.home(first.topic, first.partition);
      const { lane, timeoutMs } = this.#options;
      const connection = await this.#cluster.connection(broker, lane);
      const send = this.#options.produce ?? produce;
      const request = { transactionalId, timeoutMs, batches };
      (await send(connection, request)).forEach(({ baseOffset, error }, index) => {
        const batch = batches[index];
        if (batch === undefined) return;
        if (error === null) taken.push({ batch, baseOffset });
        else failed.push({ batch, error });
      });
    } catch (error) {
      for (const batch of batches) failed.push({ batch, error });
    }
    return { taken, failed };
  }
}

function encodeRound(
  { transactionalId, producerId, producerEpoch, sequences }: ProducerIdentity,
  round: readonly Outgoing[],
): PendingBatch[] {
  const indicesOf = new Map<string, number[]>();
  round.forEach((record, index) => {
    const id = placeId(record);
    const indices = indicesOf.get(id);
    if (indices === undefined) indicesOf.set(id, [index]);
    else indices.push(index);
  });
  const timeMs = Date.now();
  const isTransactional = transactionalId !== null;
  return [...indicesOf].flatMap(([id, indices]) => {
    const records = indices.flatMap((index) => round[index] ?? []);
    const [first] = records;
    if (first === undefined) return [];
    const origin = { producerId, producerEpoch, isTransactional };
    const batch = encodeBatch(
      records.map(({ body }) => body),
      { ...origin, firstSequence: sequences.get(id) ?? 0 },
      timeMs,
    );
    return [{ id, indices, topic: first.topic, partition: first.partition, batch }];
  });
}
