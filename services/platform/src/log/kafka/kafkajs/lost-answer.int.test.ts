import { connect } from "node:net";
import { testPart } from "@amc/stack/testing/test-part";
import { describe, expect, it, onTestFinished } from "vitest";
import { changelogTopic } from "../../changelog-topic.ts";
import { createTestTopics } from "../../testing/kafka-topics.ts";
import { withholdingProxy } from "../../testing/withholding-proxy.ts";
import { Cluster } from "../cluster.ts";
import { type Outgoing, toOutgoing } from "../outgoing.ts";
import { TransactionalDelivery } from "../transactional.ts";
import type { WorkUnit } from "../unit.ts";
import { UnitReplay } from "../unit-replay.ts";
import { KafkajsTransactions } from "./kafkajs-transactions.ts";

const FACTS = "facts.v1";
const GROUP = "signals";
const LAYOUT = [{ topic: FACTS, partitions: 1 }];
const REQUEST_TIMEOUT_MS = 1_000;
/** Kafka's numbers of requests. */
const INIT_PRODUCER_ID = 22;
const ADD_PARTITIONS_TO_TXN = 24;

const kafka = await testPart("kafka");

/** Two processes that write for one unit by kafkajs; what the first one asks goes through a proxy. */
async function twoOwners() {
  const topics = await createTestTopics(kafka.address, LAYOUT, [GROUP]);
  onTestFinished(topics.remove);
  const { prefix } = topics;
  const connection = { ...topics.connection, requestTimeoutMs: REQUEST_TIMEOUT_MS };
  const proxy = await withholdingProxy(connection.brokers[0] ?? "");
  onTestFinished(proxy.close);
  const unit: WorkUnit = {
    ...{ group: GROUP, partition: 0, next: null, held: null, restored: null, acquired: null },
    place: { topic: prefix + changelogTopic(GROUP), partition: 0 },
    replay: new UnitReplay(),
    atRest: Promise.resolve(),
  };
  const record = (topic: string, text: string): Outgoing =>
    toOutgoing(topic, 0, { key: text, value: Buffer.from(text), headers: {} });
  const owner = (isBehindProxy: boolean) => {
    const cluster = new Cluster(connection);
    const transactions = new KafkajsTransactions(
      connection,
      isBehindProxy
        ? (_place, _tls, onOpen) => connect(proxy.port, "127.0.0.1", onOpen)
        : undefined,
    );
    const { clientId } = connection;
    const delivery = new TransactionalDelivery({ cluster, transactions, clientId, prefix });
    onTestFinished(async () => {
      await delivery.close();
      await cluster.close();
    });
    return {
      own: async (): Promise<void> => {
        await delivery.begin(unit);
        await delivery.append(unit, [record(unit.place.topic, "claim")]);
      },
      write: async (text: string): Promise<number | undefined> => {
        const outputs = [record(prefix + FACTS, text)];
        const changelog = () => [record(unit.place.topic, text)];
        return (await delivery.write({ units: [unit], outputs, changelog })).outputs[0];
      },
      /** What a build does that takes a lost answer for nothing. */
      forgetLostAnswer: () => transactions.begin(`${prefix}${GROUP}-0`),
    };
  };
  return { first: owner(true), second: owner(false), proxy };
}

describe.skipIf(kafka.address === null)(`an answer that kafkajs lost${kafka.skipped}`, () => {
  it("costs the unit, whose newer owner keeps it", async () => {
    const { first, second, proxy } = await twoOwners();
    await first.own();
    proxy.withholdNext(ADD_PARTITIONS_TO_TXN);
    // The client asks again, and the transaction is ended as if nothing had been.
    await first.write("before");
    await second.own();
    await second.write("after");
    proxy.asked.length = 0;
    await expect(first.write("zombie")).rejects.toMatchObject({ code: "log.outcome-unknown" });
    expect(proxy.asked).not.toContain(INIT_PRODUCER_ID);
    await expect(second.write("later")).resolves.toBeGreaterThan(0);
    // Its former owner may take it again, as anybody.
    await first.own();
    await expect(first.write("again")).resolves.toBeGreaterThan(0);
  }, 60_000);

  it("would take the unit back from its newer owner: what it is given up for", async () => {
    const { first, second, proxy } = await twoOwners();
    await first.own();
    proxy.withholdNext(ADD_PARTITIONS_TO_TXN);
    await first.write("before");
    await second.own();
    first.forgetLostAnswer();
    await expect(first.write("zombie")).resolves.toBeGreaterThan(0);
    await expect(second.write("later")).rejects.toMatchObject({ code: "log.fenced" });
  }, 60_000);
});
