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
import { offsetsOf, topicMessages } from "./records.ts";

/** The client copies all records of a partition before each one that it adds to them: 1,000 cost it a millisecond or two. */
const LIMITS = { ...ROUND_LIMITS, roundRecords: 1_000 };
/** More tries than fit into the time that a call may take, which ends them. */
const RETRY = {
  initialRetryTime: 5,
  factor: 0.2,
  multiplier: 1.5,
  maxRetryTime: 200,
  retries: 500,
};
const KEEP_ALIVE_MS = 60_000;

/**
 * A producer of kafkajs for one epoch of a transactional id. Its sends are awaited one after the other:
 * those that overlap lose and duplicate records when a leader stalls (F5).
 */
export class EpochProducer {
  readonly #producer: Producer;
  readonly #timeoutMs: number;
  readonly #tls: KafkaConnection["tls"];
  readonly #sockets = new Set<Socket>();
  #isConnected = false;
  #isEnded = false;
  #callsUnderWay = 0;
  #hasLostRequest = false;

  constructor(connection: KafkaConnection, transactionalId: string) {
    const { brokers, clientId, sasl, tls, requestTimeoutMs } = connection;
    this.#tls = tls;
    this.#timeoutMs = requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
    const client = new Kafka({
      ...{ brokers: [...brokers], clientId, logLevel: logLevel.NOTHING },
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

  begin(): Promise<Transaction> {
    return this.#within(async () => {
      if (!this.#isConnected) await this.#producer.connect();
      this.#isConnected = true;
      return this.#producer.transaction();
    });
  }

  /** Offsets of the records, in their order. */
  send(transaction: Transaction, records: readonly Outgoing[]): Promise<number[]> {
    return this.#within(async () => {
      const offsets: number[] = [];
      for (const round of rounds(records, LIMITS)) {
        const answers = await transaction.sendBatch({
          ...{ acks: -1, timeout: this.#timeoutMs },
          topicMessages: topicMessages(round),
        });
        offsets.push(...offsetsOf(round, answers));
      }
      return offsets;
    });
  }

  commit(transaction: Transaction): Promise<void> {
    return this.#within(() => transaction.commit());
  }

  /** Breaks every connection and makes no new one, so that calls still under way end with nothing sent. */
  end(): void {
    this.#isEnded = true;
    for (const socket of this.#sockets) socket.destroy(ended());
  }

  /** The client repeats what fails; after this time nobody waits for it. */
  async #within<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      reject(new NetworkError(`kafkajs came to no end in ${SEND_FOR_MS} ms`));
    }, SEND_FOR_MS);
    this.#callsUnderWay += 1;
    try {
      return await Promise.race([call(), late]);
    } finally {
      clearTimeout(timer);
      this.#callsUnderWay -= 1;
    }
  }

  #connect({ host, port, onConnect }: ISocketFactoryArgs): Socket {
    if (this.#isEnded) throw ended();
    let isOpen = false;
    const opened = () => {
      isOpen = true;
      onConnect();
    };
    const socket =
      this.#tls === undefined
        ? connectPlain({ host, port }, opened)
        : connectTls({ host, port, ...named(host), ...this.#tls }, opened);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    this.#sockets.add(socket);
    socket.once("close", () => {
      this.#sockets.delete(socket);
      // Brokers close connections that are idle; nothing is lost with those.
      if (isOpen && this.#callsUnderWay > 0) this.#hasLostRequest = true;
    });
    return socket;
  }
}

function saslOptions({ mechanism, username, password }: SaslCredentials): SASLOptions {
  return mechanism === "SCRAM-SHA-256"
    ? { mechanism: "scram-sha-256", username, password }
    : { mechanism: "scram-sha-512", username, password };
}

/** Which certificate is asked for: one of a name, an address has none. */
function named(host: string): { servername?: string } {
  return isIP(host) === 0 ? { servername: host } : {};
}

function ended(): NetworkError {
  return new NetworkError("this epoch of the producer has ended");
}
