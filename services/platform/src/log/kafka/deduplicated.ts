import { type KafkaConnection, REQUEST_TIMEOUT_MS } from "./client-options.ts";
import type { Cluster } from "./cluster.ts";
import type { Batch, Delivered, Delivery } from "./delivery.ts";
import { IdempotentSender } from "./idempotent-sender.ts";
import type { Outgoing } from "./outgoing.ts";
import type { WorkUnit } from "./unit.ts";

/**
 * Two sends: the outputs, and when they are durable the changelog records that make them count. A
 * crash between the two leaves outputs that the next owner finds and does not write again.
 */
export class DeduplicatedDelivery implements Delivery {
  readonly isDense = true;
  readonly needsMarks = true;
  readonly #sender: IdempotentSender;

  constructor({ requestTimeoutMs }: KafkaConnection, cluster: Cluster) {
    this.#sender = new IdempotentSender(cluster, requestTimeoutMs ?? REQUEST_TIMEOUT_MS);
  }

  /** Brokers fence nobody here: readers of the changelog do, by the claim. */
  async begin(): Promise<void> {}

  async append(_unit: WorkUnit, records: readonly Outgoing[]): Promise<number> {
    return (await this.#sender.send(records)).at(-1) ?? -1;
  }

  async write({ outputs, changelog }: Batch): Promise<Delivered> {
    const outputOffsets = await this.#sender.send(outputs);
    return { outputs: outputOffsets, changelog: await this.#sender.send(changelog(outputOffsets)) };
  }

  /** Its connections are the cluster's. */
  async close(): Promise<void> {}
}
