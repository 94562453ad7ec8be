import { type Broker, type Connection, NetworkError } from "@platformatic/kafka";
import { Cluster } from "../kafka/cluster.ts";

/** Requests to a coordinator of transactions, by their keys. */
export const TRANSACTION_REQUESTS = { addPartitions: 24, end: 26 } as const;
export type TransactionRequest = keyof typeof TRANSACTION_REQUESTS;

type Sent = Parameters<Connection["send"]>;

/**
 * A cluster on the way to which a request stays behind, as in the buffers of a network that has lost its
 * answer: who has sent it is told so, and it arrives when a test says so.
 */
export class LateCluster extends Cluster {
  #keeps: number | null = null;
  #late: (() => Promise<unknown>) | null = null;
  /** Told before a request of this key goes out. */
  before: { readonly request: TransactionRequest; readonly task: () => Promise<void> } | null =
    null;

  /** The next request of this kind stays behind. */
  keepNext(request: TransactionRequest): void {
    this.#keeps = TRANSACTION_REQUESTS[request];
  }

  /** Lets it arrive; rejects with what the coordinator answers. */
  async arrive(): Promise<void> {
    const late = this.#late;
    if (late === null) throw new Error("no request has stayed behind");
    this.#late = null;
    await late();
  }

  override async connection(broker: Broker, lane?: string): Promise<Connection> {
    const connection = await super.connection(broker, lane);
    if (lane?.startsWith("transactions") !== true) return connection;
    return new Proxy(connection, {
      get: (target, name) => {
        if (name === "send") return (...sent: Sent) => this.#send(target, sent);
        const value: unknown = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  }

  #send(connection: Connection, sent: Sent): void {
    const [apiKey, , , , , , callback] = sent;
    if (this.#keeps === apiKey) {
      this.#keeps = null;
      this.#late = () => arrival(connection, sent);
      callback(new NetworkError("the answer was lost", { canRetry: true }));
      return;
    }
    const { before } = this;
    if (before === null || TRANSACTION_REQUESTS[before.request] !== apiKey) {
      connection.send(...sent);
      return;
    }
    this.before = null;
    before.task().then(() => connection.send(...sent), callback);
  }
}

/** The very bytes that were to be sent before. */
function arrival(connection: Connection, [key, version, payload, parser, ...rest]: Sent) {
  const [requestIsTagged, answerIsTagged] = rest;
  return new Promise<void>((resolve, reject) => {
    connection.send(key, version, payload, parser, requestIsTagged, answerIsTagged, (error) => {
      if (error === null || error === undefined) resolve();
      else reject(error);
    });
  });
}
