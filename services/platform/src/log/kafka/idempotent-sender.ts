import { ProduceAcks, Producer } from "@platformatic/kafka";
import { LogError } from "../errors.ts";
import { brokerFailure } from "./broker-failure.ts";
import { clientOptions, type KafkaConnection } from "./client-options.ts";
import { type Outgoing, rounds } from "./outgoing.ts";

/** Below Kafka's default `max.message.bytes` of 1 MiB, which is about the batch. */
const ROUND_LIMITS = { partitionBytes: 786_432, roundBytes: 8 * 1_048_576 };

/** Tries of one request, each with the same sequence numbers, and the pause between two of them. */
const RETRIES = 8;
const RETRY_PAUSE_MS = 250;

type BufferProducer = Producer<Buffer, Buffer, Buffer, Buffer>;

/**
 * Sends with an idempotent producer, one request per partition at a time. When nobody knows whether
 * a send took place, the producer is dropped: its sequence numbers are worth nothing any more.
 */
export class IdempotentSender {
  readonly #connection: KafkaConnection;
  #producer: BufferProducer | null = null;
  readonly #names = new Map<string, Buffer>();

  constructor(connection: KafkaConnection) {
    this.#connection = connection;
  }

  /**
   * Offsets of the records, in their order. Throws `log.outcome-unknown` when some, all or none of
   * them may be in the log.
   */
  async send(records: readonly Outgoing[]): Promise<number[]> {
    const offsets: number[] = [];
    for (const round of rounds(records, ROUND_LIMITS)) offsets.push(...(await this.#send(round)));
    return offsets;
  }

  async close(): Promise<void> {
    const producer = this.#producer;
    this.#producer = null;
    await producer?.close(true);
  }

  async #send(round: readonly Outgoing[]): Promise<number[]> {
    const producer = await this.#open();
    const identity = producer.producerId;
    const messages = round.map(({ topic, partition, key, value, headers }) => ({
      topic,
      partition,
      // The type says that a key or value cannot be null; the protocol and the client write it so.
      ...(key === null ? {} : { key }),
      ...(value === null ? {} : { value }),
      headers: this.#encoded(headers),
    }));
    try {
      const { offsets = [] } = await producer.send({ messages, acks: ProduceAcks.ALL });
      // The client takes a new identity by itself when a broker has lost the old one, and sends again.
      if (producer.producerId !== identity) throw new TypeError("the producer's identity changed");
      return offsetsOf(round, offsets);
    } catch (error) {
      this.#producer = null;
      await Promise.allSettled([producer.close(true)]);
      throw unknownOutcome(error, round);
    }
  }

  async #open(): Promise<BufferProducer> {
    if (this.#producer !== null) return this.#producer;
    const producer: BufferProducer = new Producer({
      ...clientOptions(this.#connection),
      idempotent: true,
      strict: false,
      retries: RETRIES,
      retryDelay: RETRY_PAUSE_MS,
    });
    try {
      await producer.initIdempotentProducer({});
    } catch (error) {
      await Promise.allSettled([producer.close(true)]);
      throw brokerFailure(error, "log.unavailable");
    }
    this.#producer = producer;
    return producer;
  }

  #encoded(headers: ReadonlyMap<string, string>): Map<Buffer, Buffer> {
    const encoded = new Map<Buffer, Buffer>();
    for (const [name, text] of headers) encoded.set(this.#nameOf(name), Buffer.from(text));
    return encoded;
  }

  #nameOf(name: string): Buffer {
    let bytes = this.#names.get(name);
    if (bytes === undefined) {
      bytes = Buffer.from(name);
      this.#names.set(name, bytes);
    }
    return bytes;
  }
}

/** Each answer gives the offset of the first record of its partition; the others follow densely. */
function offsetsOf(
  round: readonly Outgoing[],
  bases: readonly { readonly topic: string; readonly partition: number; readonly offset: bigint }[],
): number[] {
  const next = new Map(
    bases.map(({ topic, partition, offset }) => [`${partition}\u0000${topic}`, Number(offset)]),
  );
  return round.map(({ topic, partition }) => {
    const id = `${partition}\u0000${topic}`;
    const offset = next.get(id);
    if (offset === undefined || offset < 0) {
      throw new TypeError(`the broker gave no offset for ${topic}/${partition}`);
    }
    next.set(id, offset + 1);
    return offset;
  });
}

function unknownOutcome(error: unknown, round: readonly Outgoing[]): LogError {
  const { topic, partition } = round[0] ?? { topic: "", partition: 0 };
  const facts = { topic, partition, records: round.length };
  const failure = brokerFailure(error, "log.outcome-unknown", facts);
  // Several partitions share a request: what one refused, another may have taken.
  const what = `a send ended without an answer to trust (${failure.message})`;
  return new LogError(failure.code, what, facts, { cause: error });
}
