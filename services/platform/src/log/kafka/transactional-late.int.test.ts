import { testPart } from "@amc/stack/testing/test-part";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { changelogTopic } from "../changelog-topic.ts";
import { createTestTopics } from "../testing/kafka-topics.ts";
import { LateCluster, type TransactionRequest } from "../testing/late-cluster.ts";
import { BatchSender } from "./batch-sender.ts";
import { isBrokerError } from "./broker-failure.ts";
import { REQUEST_TIMEOUT_MS } from "./client-options.ts";
import { type Outgoing, toOutgoing } from "./outgoing.ts";
import { OwnTransactions } from "./own-transactions.ts";
import { TransactionClient } from "./transaction-client.ts";
import { TransactionalDelivery } from "./transactional.ts";
import type { WorkUnit } from "./unit.ts";
import { UnitReplay } from "./unit-replay.ts";

const kafka = await testPart("kafka");
const FACTS = "facts.v1";
const GROUP = "signals";
const LANE = "transactions-0";

async function lateCluster() {
  const layout = [{ topic: FACTS, partitions: 1 }];
  const { connection, prefix, remove } = await createTestTopics(kafka.address, layout, [GROUP]);
  onTestFinished(remove);
  const cluster = new LateCluster(connection);
  onTestFinished(() => cluster.close());
  const topic = prefix + FACTS;
  const output = (text: string): Outgoing =>
    toOutgoing(topic, 0, { key: null, value: Buffer.from(text), headers: {} });
  const visible = () => cluster.endOffset(topic, 0);
  return { cluster, connection, prefix, topic, output, visible };
}

const REFUSALS = ["INVALID_PRODUCER_EPOCH", "PRODUCER_FENCED"];

/** Whether the coordinator refuses what stayed behind. */
async function arrivesInVain(cluster: LateCluster): Promise<boolean> {
  try {
    await cluster.arrive();
    return false;
  } catch (error) {
    if (!REFUSALS.some((name) => isBrokerError(error, name))) throw error;
    return true;
  }
}

/** Two transactions of one record as the log writes them; a request of the first comes before the end of the second. */
async function asTheLogDoes(request: TransactionRequest) {
  const { cluster, connection, prefix, output, visible } = await lateCluster();
  const unit: WorkUnit = {
    ...{ group: GROUP, partition: 0, next: null, held: null, restored: null, acquired: null },
    place: { topic: prefix + changelogTopic(GROUP), partition: 0 },
    replay: new UnitReplay(),
    atRest: Promise.resolve(),
  };
  const delivery = new TransactionalDelivery({
    cluster,
    transactions: new OwnTransactions(connection, cluster),
    clientId: connection.clientId,
    prefix,
  });
  const write = (text: string) =>
    delivery.write({ units: [unit], outputs: [output(text)], changelog: () => [] });
  await delivery.begin(unit);
  cluster.keepNext(request);
  await write("one");
  const before = await visible();
  let seen: { readonly isRefused: boolean; readonly more: number } | null = null;
  cluster.before = {
    request: "end",
    task: async () => {
      const isRefused = await arrivesInVain(cluster);
      seen = { isRefused, more: (await visible()) - before };
    },
  };
  const { outputs } = await write("two");
  return { seen, isWhole: (await visible()) > (outputs[0] ?? Number.NaN) };
}

/** The same without a new epoch after the lost request. */
async function withoutRenewing(request: TransactionRequest) {
  const { cluster, prefix, topic, output, visible } = await lateCluster();
  const client = new TransactionClient(cluster, `${prefix}control`, LANE);
  const sender = new BatchSender(cluster, { lane: "sends-0", timeoutMs: REQUEST_TIMEOUT_MS });
  const identity = await client.begin();
  cluster.keepNext(request);
  const begin = async (text: string): Promise<void> => {
    await client.addPartitions(identity, [{ topic, partition: 0 }]);
    await sender.send(identity, [output(text)]);
  };
  await begin("one");
  await client.end(identity, true);
  // Its record and its marker.
  await vi.waitFor(async () => expect(await visible()).toBe(2), 20_000);
  return { cluster, client, identity, begin, visible };
}

describe.skipIf(kafka.address === null)(
  `a request of a transaction that arrives in a later one${kafka.skipped}`,
  () => {
    it.each(["end", "addPartitions"] as const)(
      "is refused when it is its %s, and the later one is as it would have been",
      async (request) => {
        expect(await asTheLogDoes(request)).toEqual({
          seen: { isRefused: true, more: 0 },
          isWhole: true,
        });
      },
    );

    it("control: ends the later one in the middle, where the epoch is still that of before", async () => {
      const { cluster, begin, visible } = await withoutRenewing("end");
      await begin("two");
      expect(await arrivesInVain(cluster)).toBe(false);
      await vi.waitFor(async () => expect(await visible()).toBe(4), 20_000);
    });

    it("control: opens one that nobody has begun, where the epoch is still that of before", async () => {
      const { cluster, client, identity } = await withoutRenewing("addPartitions");
      const abort = () => client.end(identity, false);
      await expect(abort()).rejects.toSatisfy((error) => isBrokerError(error, "INVALID_TXN_STATE"));
      expect(await arrivesInVain(cluster)).toBe(false);
      await abort();
    });
  },
);
