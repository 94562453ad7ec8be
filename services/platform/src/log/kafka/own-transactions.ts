import { BatchSender, type ProducerIdentity } from "./batch-sender.ts";
import { type KafkaConnection, REQUEST_TIMEOUT_MS } from "./client-options.ts";
import type { Cluster } from "./cluster.ts";
import { TransactionClient } from "./transaction-client.ts";
import type { Transaction, Transactions, Written } from "./transactions.ts";

/** Connections that transactions of several units share: a broker answers those of one in order. */
const LANES = 4;

/** Who writes the transactions of one id, until a failure or a newer lease. */
interface Writer {
  readonly client: TransactionClient;
  readonly sender: BatchSender;
  readonly identity: ProducerIdentity;
}

/** Transactions over the cluster's own connections; one request for a partition is on its way at a time. */
export class OwnTransactions implements Transactions {
  readonly #cluster: Cluster;
  readonly #senders: readonly BatchSender[];
  readonly #writers = new Map<string, Writer>();

  constructor({ requestTimeoutMs }: KafkaConnection, cluster: Cluster) {
    this.#cluster = cluster;
    const timeoutMs = requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
    this.#senders = Array.from(
      { length: LANES },
      (_, lane) => new BatchSender(cluster, { lane: `sends-${lane}`, timeoutMs }),
    );
  }

  begin(transactionalId: string): void {
    this.#writers.delete(transactionalId);
  }

  async write(transactionalId: string, transaction: Transaction): Promise<Written> {
    const { client, sender, identity } = await this.#open(transactionalId, transaction);
    await client.addPartitions(identity, transaction.places);
    const outputs = await sender.send(identity, transaction.outputs);
    const changes = transaction.changelog(outputs);
    const changelog = await sender.send(identity, changes);
    await client.end(identity, true);
    return { outputs, changelog, changes };
  }

  /** Its connections are the cluster's. */
  async close(): Promise<void> {}

  /** A writer whose identity can be trusted: after a lost request it is the next epoch of its own. */
  async #open(transactionalId: string, { unit }: Transaction): Promise<Writer> {
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
