import { type Broker, type Connection, ConnectionPool } from "@platformatic/kafka";
import { connectionOptions, type KafkaConnection } from "./client-options.ts";

/**
 * One connection to each broker, all of which `close` closes. The client's own pool forgets by address: of a
 * connection that failed the `close` event, which comes late, takes its successor out of the pool as well,
 * and a connection that nobody closes keeps the process from ending (found by F31).
 */
export class Connections {
  readonly #pool: ConnectionPool;
  readonly #named: readonly Broker[];
  readonly #open = new Set<Connection>();
  #isClosed = false;

  constructor(connection: KafkaConnection) {
    this.#pool = new ConnectionPool(connection.clientId, connectionOptions(connection));
    this.#named = connection.brokers.map((address) => {
      const at = address.lastIndexOf(":");
      return { host: address.slice(0, at), port: Number(address.slice(at + 1)) };
    });
  }

  get(broker: Broker): Promise<Connection> {
    return this.#kept(this.#pool.get(broker));
  }

  /** To the first that can be reached, of brokers that were met and then of those that we were told of. */
  any(met: Iterable<Broker> = []): Promise<Connection> {
    return this.#kept(this.#pool.getFirstAvailable([...met, ...this.#named]));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#pool.close();
    await Promise.all([...this.#open].map((connection) => connection.close()));
  }

  async #kept(opening: Promise<Connection>): Promise<Connection> {
    const connection = await opening;
    if (this.#open.has(connection)) return connection;
    this.#open.add(connection);
    connection.once("close", () => this.#open.delete(connection));
    // It was being opened while the others were closed.
    if (this.#isClosed) await connection.close();
    return connection;
  }
}
