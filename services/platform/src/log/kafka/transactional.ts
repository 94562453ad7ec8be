import { randomUUID } from "node:crypto";
import { BatchSender, type ProducerIdentity } from "./batch-sender.ts";
import { writeFailure } from "./broker-failure.ts";
import { type KafkaConnection, REQUEST_TIMEOUT_MS } from "./client-options.ts";
import type { Cluster } from "./cluster.ts";
import type { Batch, Delivered, Delivery } from "./delivery.ts";
import type { Outgoing } from "./outgoing.ts";
import { TransactionClient } from "./transaction-client.ts";
import { placeId, type WorkUnit } from "./unit.ts";
import { untilVisible } from "./until-visible.ts";

/** Connections that transactions of several units share: a broker answers those of one in order. */
const LANES = 4;

/** Who writes the transactions of one id, until a failure or a newer lease. */
interface Writer {
  readonly client: TransactionClient;
  readonly sender: BatchSender;
  readonly identity: ProducerIdentity;
}

interface Place {
  readonly topic: string;
  readonly partition: number;
}

/**
 * One transaction holds outputs and changelog records of one unit, written under a transactional id
 * that is the unit's: a newer owner's first transaction fences it at the brokers. One request for a
 * partition is on its way at a time.
 */
export class TransactionalDelivery implements Delivery {
  readonly isDense = false;
  readonly needsMarks = false;
  readonly #cluster: Cluster;
  readonly #senders: readonly BatchSender[];
  readonly #prefix: string;
  /** Transactional id of commits without a lease: nobody else has it. */
  readonly #ownId: string;
  readonly #writers = new Map<string, Writer>();

  constructor(connection: KafkaConnection, cluster: Cluster, prefix: string) {
    const { clientId, requestTimeoutMs } = connection;
    this.#cluster = cluster;
    const timeoutMs = requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
    this.#senders = Array.from(
      { length: LANES },
      (_, lane) => new BatchSender(cluster, { lane: `sends-${lane}`, timeoutMs }),
    );
    this.#prefix = prefix;
    this.#ownId = `${prefix}${clientId}-${randomUUID()}`;
  }

  async begin(unit: WorkUnit): Promise<void> {
    this.#writers.delete(this.#idOf(unit));
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
    const [unit] = units;
    if (unit === undefined && outputs.length === 0) return { outputs: [], changelog: [] };
    const id = unit === undefined ? this.#ownId : this.#idOf(unit);
    try {
      const { client, sender, identity } = await this.#open(unit, id);
      const places = distinct(unit === undefined ? outputs : [...outputs, unit.place]);
      await client.addPartitions(identity, places);
      const outputOffsets = await sender.send(identity, outputs);
      const changes = changelog(outputOffsets);
      const changeOffsets = await sender.send(identity, changes);
      await client.end(identity, true);
      const offsets = [...outputOffsets, ...changeOffsets];
      await untilVisible(this.#cluster, [...outputs, ...changes], offsets);
      return { outputs: outputOffsets, changelog: changeOffsets };
    } catch (error) {
      // What an identity that failed has begun is ended by the next one: of this unit's next owner, who may
      // be we, or of the next commit without a lease.
      this.#writers.delete(id);
      throw writeFailure(error, {
        topic: outputs[0]?.topic ?? unit?.place.topic ?? "",
        ...(unit === undefined ? {} : { group: unit.group, partition: unit.partition }),
      });
    }
  }

  /** Its connections are the cluster's. */
  async close(): Promise<void> {}

  #idOf({ group, partition }: WorkUnit): string {
    return `${this.#prefix}${group}-${partition}`;
  }

  /** A writer whose identity can be trusted: after a lost request it is the next epoch of its own. */
  async #open(unit: WorkUnit | undefined, transactionalId: string): Promise<Writer> {
    const known = this.#writers.get(transactionalId);
    if (known !== undefined && !known.client.hasLostRequest) return known;
    const lane = (unit?.partition ?? 0) % LANES;
    const sender = this.#senders[lane];
    if (sender === undefined) throw new RangeError(`there is no lane ${lane}`);
    const client =
      known?.client ??
      new TransactionClient(this.#cluster, transactionalId, `transactions-${lane}`);
    const identity =
      known === undefined ? await client.begin() : await client.renew(known.identity);
    const writer = { client, sender, identity };
    this.#writers.set(transactionalId, writer);
    return writer;
  }
}

function distinct(places: readonly Place[]): Place[] {
  return [...new Map(places.map((place) => [placeId(place), place])).values()];
}
