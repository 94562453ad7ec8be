import { randomUUID } from "node:crypto";
import { writeFailure } from "./broker-failure.ts";
import type { Cluster } from "./cluster.ts";
import type { Batch, Delivered, Delivery } from "./delivery.ts";
import type { Outgoing } from "./outgoing.ts";
import type { Transactions } from "./transactions.ts";
import { placeId, type WorkUnit } from "./unit.ts";
import { untilVisible } from "./until-visible.ts";

interface Place {
  readonly topic: string;
  readonly partition: number;
}

export interface TransactionalOptions {
  readonly cluster: Cluster;
  readonly transactions: Transactions;
  readonly clientId: string;
  readonly prefix: string;
}

/**
 * One transaction holds outputs and changelog records of one unit, written under a transactional id
 * that is the unit's: a newer owner's first transaction fences it at the brokers.
 */
export class TransactionalDelivery implements Delivery {
  readonly isDense = false;
  readonly needsMarks = false;
  readonly #cluster: Cluster;
  readonly #transactions: Transactions;
  readonly #prefix: string;
  /** Transactional id of commits without a lease: nobody else has it. */
  readonly #ownId: string;

  constructor({ cluster, transactions, clientId, prefix }: TransactionalOptions) {
    this.#cluster = cluster;
    this.#transactions = transactions;
    this.#prefix = prefix;
    this.#ownId = `${prefix}${clientId}-${randomUUID()}`;
  }

  async begin(unit: WorkUnit): Promise<void> {
    this.#transactions.begin(this.#idOf(unit));
  }

  async append(unit: WorkUnit, records: readonly Outgoing[]): Promise<number> {
    const { changelog } = await this.write({
      units: [unit],
      outputs: [],
      changelog: () => records,
    });
    return changelog.at(-1) ?? -1;
  }

  async write({ units, outputs, changelog }: Batch): Promise<Delivered> {
    const [unit = null] = units;
    if (unit === null && outputs.length === 0) return { outputs: [], changelog: [] };
    const id = unit === null ? this.#ownId : this.#idOf(unit);
    const places = distinct(unit === null ? outputs : [...outputs, unit.place]);
    try {
      const transaction = { unit, places, outputs, changelog };
      const { changes, ...written } = await this.#transactions.write(id, transaction);
      const offsets = [...written.outputs, ...written.changelog];
      await untilVisible(this.#cluster, [...outputs, ...changes], offsets);
      return written;
    } catch (error) {
      // What an epoch that failed has begun is ended by the next one: of this unit's next owner, who may be we,
      // or of the next commit without a lease.
      this.#transactions.begin(id);
      throw writeFailure(error, {
        topic: outputs[0]?.topic ?? unit?.place.topic ?? "",
        ...(unit === null ? {} : { group: unit.group, partition: unit.partition }),
      });
    }
  }

  close(): Promise<void> {
    return this.#transactions.close();
  }

  #idOf({ group, partition }: WorkUnit): string {
    return `${this.#prefix}${group}-${partition}`;
  }
}

function distinct(places: readonly Place[]): Place[] {
  return [...new Map(places.map((place) => [placeId(place), place])).values()];
}
