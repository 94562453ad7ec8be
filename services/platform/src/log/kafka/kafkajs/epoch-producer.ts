import { connect as connectPlain, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { NetworkError } from "@platformatic/kafka";
import {
  type ISocketFactoryArgs,
  Kafka,
  logLevel,
  Partitioners,
  type Producer,
  type SASLOptions,
  type Transaction,
} from "kafkajs";
import { ROUND_LIMITS, SEND_FOR_MS } from "../batch-sender.ts";
import {
  CONNECT_TIMEOUT_MS,
  type KafkaConnection,
  REQUEST_TIMEOUT_MS,
  type SaslCredentials,
} from "../client-options.ts";
import { type Outgoing, rounds } from "../outgoing.ts";
import { TRANSACTION_TIMEOUT_MS } from "../transaction-client.ts";
import { placeId } from "../unit.ts";
import { AnswerFrames } from "./answer-frames.ts";
import { firstOffset, messageOf } from "./records.ts";

/** The client copies all records of a partition before each one that it adds to them: 1,000 cost it a millisecond or two. */
const LIMITS = { ...ROUND_LIMITS, roundRecords: 1_000 };
/** About as many tries as fit into the time that a call may take. */
const RETRY = {
  initialRetryTime: 5,
  factor: 0.2,
  multiplier: 1.5,
  maxRetryTime: 200,
  retries: 200,
};
const KEEP_ALIVE_MS = 60_000;
/** Requests without an answer that a producer may wait for before another broker is tried: a budget, no count. */
const BEGIN_REQUESTS = 3;

interface Address {
  readonly host: string;
  readonly port: number;
}

/** Connects to a broker. */
export type Dial = (address: Address, tls: KafkaConnection["tls"], onOpen: () => void) => Socket;

/**
 * A producer of kafkajs for one epoch of a transactional id. Its sends are awaited one after the other:
 * those that overlap lose and duplicate records when a leader stalls (F5).
 */
export class EpochProducer {
  readonly #producer: Producer;
  readonly #timeoutMs: number;
  readonly #tls: KafkaConnection["tls"];
  readonly #dial: Dial;
  readonly #sockets = new Set<Socket>();
  #isConnected = false;
  #isEnded = false;
  readonly #callsUnderWay = new Set<(reason: Error) => void>();
  /** What the last connection that failed said. */
  #lastFailure: Error | null = null;
  #hasLostRequest = false;

  constructor(connection: KafkaConnection, transactionalId: string, dial: Dial = dialBroker) {
    const { brokers, clientId, sasl, tls, requestTimeoutMs } = connection;
    this.#tls = tls;
    this.#dial = dial;
    this.#timeoutMs = requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
    const client = new Kafka({
      // Without any broker it stops repeating what an ended epoch began, which else holds the process for long.
      ...{ brokers: () => (this.#isEnded ? [] : [...brokers]), clientId },
      logLevel: logLevel.NOTHING,
      ...{ connectionTimeout: CONNECT_TIMEOUT_MS, requestTimeout: this.#timeoutMs, retry: RETRY },
      socketFactory: (place) => this.#connect(place),
      ...(tls === undefined ? {} : { ssl: tls }),
      ...(sasl === undefined ? {} : { sasl: saslOptions(sasl) }),
    });
    this.#producer = client.producer({
      ...{ transactionalId, transactionTimeout: TRANSACTION_TIMEOUT_MS },
      ...{ maxInFlightRequests: 1, allowAutoTopicCreation: false, retry: RETRY },
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    this.#producer.on(this.#producer.events.REQUEST_TIMEOUT, () => {
      this.#hasLostRequest = true;
    });
  }

  /**
   * Whether a request stayed without an answer. It may still arrive, and end or extend a later transaction of
   * the same epoch; and unlike our own client this one cannot ask for the next epoch of its own.
   */
  get hasLostRequest(): boolean {
    return this.#hasLostRequest;
  }

  /** At most for so long. */
  begin(leftMs = SEND_FOR_MS): Promise<Transaction> {
    const tryMs = BEGIN_REQUESTS * this.#timeoutMs + CONNECT_TIMEOUT_MS;
    return this.#within(Math.min(tryMs, leftMs), async () => {
      if (!this.#isConnected) await this.#producer.connect();
      this.#isConnected = true;
      return this.#producer.transaction();
    });
  }

  /**
   * Offsets of the records, in their order. One partition after the other: where a send goes to several leaders
   * and one of them fails, the client sends again to those whose answer is still on its way.
   */
  send(transaction: Transaction, records: readonly Outgoing[]): Promise<number[]> {
    return this.#within(SEND_FOR_MS, async () => {
      const offsets: number[] = [];
      for (const indices of byPlace(records)) {
        const ofPlace = indices.flatMap((index) => records[index] ?? []);
        const found = await this.#sendToOne(transaction, ofPlace);
        indices.forEach((index, order) => {
          offsets[index] = found[order] ?? -1;
        });
      }
      return offsets;
    });
  }

  async #sendToOne(transaction: Transaction, records: readonly Outgoing[]): Promise<number[]> {
    const offsets: number[] = [];
    for (const round of rounds(records, LIMITS)) {
      const [first] = round;
      if (first === undefined) continue;
      const answers = await transaction.send({
        ...{ topic: first.topic, acks: -1, timeout: this.#timeoutMs },
        messages: round.map(messageOf),
      });
      const from = firstOffset(first, answers);
      offsets.push(...round.map((_, order) => from + order));
    }
    return offsets;
  }

  commit(transaction: Transaction): Promise<void> {
    return this.#within(SEND_FOR_MS, () => transaction.commit());
  }

  /** Calls under way fail, every connection is broken and none is made: what the client repeats reaches nobody. */
  end(): void {
    this.#isEnded = true;
    for (const giveUp of this.#callsUnderWay) giveUp(ended());
    for (const socket of this.#sockets) socket.destroy(ended());
  }

  /** The client repeats what fails, and forgets why; after this time nobody waits for it. */
  async #within<Answer>(waitMs: number, call: () => Promise<Answer>): Promise<Answer> {
    const { promise: given, reject } = Promise.withResolvers<never>();
    this.#lastFailure = null;
    const timer = setTimeout(() => {
      const message = `kafkajs came to no end in ${waitMs} ms`;
      const cause = this.#lastFailure;
      reject(new NetworkError(message, cause === null ? {} : { cause }));
    }, waitMs);
    this.#callsUnderWay.add(reject);
    try {
      return await Promise.race([call(), given]);
    } finally {
      clearTimeout(timer);
      this.#callsUnderWay.delete(reject);
    }
  }

  #connect({ host, port, onConnect }: ISocketFactoryArgs): Socket {
    if (this.#isEnded) throw ended();
    const socket = this.#dial({ host, port }, this.#tls, () => {
      this.#lastFailure = null;
      onConnect();
    });
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.on("error", (error) => {
      this.#lastFailure = error;
    });
    this.#sockets.add(socket);
    // One request is under way at a time: what was written before the last whole answer is answered.
    const answers = new AnswerFrames();
    let answeredBytes = 0;
    socket.on("data", (bytes: Buffer) => {
      if (answers.take(bytes)) answeredBytes = socket.bytesWritten;
    });
    socket.once("close", () => {
      this.#sockets.delete(socket);
      // Brokers close connections that are idle; nothing is lost with those.
      if (socket.bytesWritten > answeredBytes) this.#hasLostRequest = true;
    });
    return socket;
  }
}

/** Indices of the records of each partition, in their order. */
function byPlace(records: readonly Outgoing[]): number[][] {
  const places = new Map<string, number[]>();
  records.forEach((record, index) => {
    const id = placeId(record);
    const indices = places.get(id);
    if (indices === undefined) places.set(id, [index]);
    else indices.push(index);
  });
  return [...places.values()];
}

function saslOptions({ mechanism, username, password }: SaslCredentials): SASLOptions {
  return mechanism === "SCRAM-SHA-256"
    ? { mechanism: "scram-sha-256", username, password }
    : { mechanism: "scram-sha-512", username, password };
}

function dialBroker(
  { host, port }: Address,
  tls: KafkaConnection["tls"],
  onOpen: () => void,
): Socket {
  return tls === undefined
    ? connectPlain({ host, port }, onOpen)
    : connectTls({ host, port, ...named(host), ...tls }, onOpen);
}

/** Which certificate is asked for: one of a name, an address has none. */
function named(host: string): { servername?: string } {
  return isIP(host) === 0 ? { servername: host } : {};
}

function ended(): NetworkError {
  return new NetworkError("this epoch of the producer has ended");
}
