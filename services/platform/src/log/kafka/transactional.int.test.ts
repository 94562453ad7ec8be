import { testPart } from "@amc/stack/testing/test-part";
import { type Broker, type Connection, NetworkError } from "@platformatic/kafka";
import { describe, expect, it, onTestFinished } from "vitest";
import { changelogTopic } from "../changelog-topic.ts";
import { createTestTopics } from "../testing/kafka-topics.ts";
import { Cluster } from "./cluster.ts";
import { type Outgoing, toOutgoing } from "./outgoing.ts";
import { OwnTransactions } from "./own-transactions.ts";
import { TransactionalDelivery } from "./transactional.ts";
import type { WorkUnit } from "./unit.ts";
import { UnitReplay } from "./unit-replay.ts";

const kafka = await testPart("kafka");
const FACTS = "facts.v1";
const GROUP = "signals";
const LAYOUT = [{ topic: FACTS, partitions: 1 }];

/** A cluster whose next request to a coordinator of transactions gets no answer. */
class LossyCluster extends Cluster {
  losesNext = false;

  override connection(broker: Broker, lane?: string): Promise<Connection> {
    if (!this.losesNext || lane?.startsWith("transactions") !== true) {
      return super.connection(broker, lane);
    }
    this.losesNext = false;
    return Promise.reject(new NetworkError("the answer was lost"));
  }
}

/** Processes that write for one unit, and what readers of committed records see of what they wrote. */
async function processes() {
  const { connection, prefix, remove } = await createTestTopics(kafka.address, LAYOUT, [GROUP]);
  onTestFinished(remove);
  const unit: WorkUnit = {
    ...{ group: GROUP, partition: 0, next: null, held: null, restored: null, acquired: null },
    place: { topic: prefix + changelogTopic(GROUP), partition: 0 },
    replay: new UnitReplay(),
    atRest: Promise.resolve(),
  };
  const output = (text: string): Outgoing =>
    toOutgoing(prefix + FACTS, 0, { key: null, value: Buffer.from(text), headers: {} });
  const change = (text: string): Outgoing =>
    toOutgoing(unit.place.topic, 0, {
      ...{ key: text, value: Buffer.from(text), headers: {} },
    });
  return () => {
    const cluster = new LossyCluster(connection);
    onTestFinished(() => cluster.close());
    const transactions = new OwnTransactions(connection, cluster);
    const { clientId } = connection;
    const delivery = new TransactionalDelivery({ cluster, transactions, clientId, prefix });
    return {
      own: async (): Promise<void> => {
        await delivery.begin(unit);
        await delivery.append(unit, [change("claim")]);
      },
      write: async (text: string): Promise<number | undefined> => {
        const batch = { units: [unit], outputs: [output(text)], changelog: () => [change(text)] };
        return (await delivery.write(batch)).outputs[0];
      },
      losesNextAnswer: () => {
        cluster.losesNext = true;
      },
      visible: () => cluster.endOffset(prefix + FACTS, 0),
    };
  };
}

describe.skipIf(kafka.address === null)(`transactions of a unit${kafka.skipped}`, () => {
  it("go on after an answer was lost", async () => {
    const owner = (await processes())();
    await owner.own();
    owner.losesNextAnswer();
    await owner.write("one");
    await owner.write("two");
    await owner.write("three");
    expect(await owner.visible()).toBeGreaterThan(3);
  });

  it("fence who has had a newer owner since, although an answer was lost to it", async () => {
    const open = await processes();
    const [zombie, owner] = [open(), open()];
    await zombie.own();
    zombie.losesNextAnswer();
    await zombie.write("before");
    await owner.own();
    const last = await owner.write("after");
    await expect(zombie.write("zombie")).rejects.toMatchObject({ code: "log.fenced" });
    // Its rightful owner still has it, and nothing came between.
    const next = await owner.write("later");
    expect(next).toBeGreaterThan(last ?? Number.NaN);
    expect(await owner.visible()).toBe((next ?? Number.NaN) + 2);
  });
});
