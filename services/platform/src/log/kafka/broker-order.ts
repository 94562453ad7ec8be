import type { Broker } from "@platformatic/kafka";

/**
 * Whom of several brokers to ask first. A process that is stopped has its connections accepted by the
 * kernel and answers nothing, so "the first that can be reached" would be the same one for ever: a
 * broker that lost a connection comes after those that did not, and after those that lost theirs before.
 */
export class BrokerOrder {
  /** Addresses, the last failure last. */
  readonly #failed = new Set<string>();

  /** A connection to it could not be made, was given up for want of an answer or has ended. */
  failed(broker: Broker): void {
    const address = addressOf(broker);
    this.#failed.delete(address);
    this.#failed.add(address);
  }

  /** The same brokers, each once, in the order in which to ask them. */
  of(brokers: Iterable<Broker>): Broker[] {
    const known = new Map([...brokers].map((broker) => [addressOf(broker), broker]));
    const last = [...this.#failed].flatMap((address) => known.get(address) ?? []);
    for (const address of this.#failed) known.delete(address);
    return [...known.values(), ...last];
  }
}

function addressOf({ host, port }: Broker): string {
  return `${host}:${port}`;
}
