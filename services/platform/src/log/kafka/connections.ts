import { type Broker, type Connection, ConnectionPool, MultipleErrors } from "@platformatic/kafka";
import { isAnswer } from "./broker-failure.ts";
import { BrokerOrder } from "./broker-order.ts";
import { connectionOptions, type KafkaConnection } from "./client-options.ts";

/**
 * One connection to each broker, all of which `close` closes. The client's own pool forgets by address: of a
 * connection that failed the `close` event, which comes late, takes its successor out of the pool as well,
 * and a connection that nobody closes keeps the process from ending (found by F31).
 */
export class Connections {
  readonly #pool: ConnectionPool;
  readonly #named: readonly Broker[];
  readonly #order: BrokerOrder;
  readonly #open = new Set<Connection>();
  #isClosed = false;

  /** `order` is common to all that have to do with the same brokers: what one has met the others avoid. */
  constructor(connection: KafkaConnection, order = new BrokerOrder()) {
    this.#pool = new ConnectionPool(connection.clientId, connectionOptions(connection));
    this.#order = order;
    // The client ends a connection on which a request was not answered in time.
    this.#pool.on("failed", ({ broker }) => order.failed(broker));
    this.#pool.on("disconnect", ({ broker }) => order.failed(broker));
    this.#named = connection.brokers.map((address) => {
      const at = address.lastIndexOf(":");
      return { host: address.slice(0, at), port: Number(address.slice(at + 1)) };
    });
  }

  get(broker: Broker): Promise<Connection> {
    return this.#kept(this.#pool.get(broker));
  }

  /**
   * Asks brokers that were met and those that we were told of, one after the other, until one of them
   * answers, be it with an error.
   */
  async ask<Answer>(
    request: (connection: Connection) => Promise<Answer>,
    met: Iterable<Broker> = [],
  ): Promise<Answer> {
    const failures: Error[] = [];
    for (const broker of this.#known(met)) {
      try {
        return await request(await this.get(broker));
      } catch (error) {
        if (!(error instanceof Error) || isAnswer(error)) throw error;
        failures.push(error);
      }
    }
    throw new MultipleErrors("No broker answers.", failures);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#pool.close();
    await Promise.all([...this.#open].map((connection) => connection.close()));
  }

  #known(met: Iterable<Broker>): Broker[] {
    return this.#order.of([...met, ...this.#named]);
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
