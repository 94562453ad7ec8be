import type { Broker, Connection } from "@platformatic/kafka";
import { describe, expect, it } from "vitest";
import { LogError } from "../errors.ts";
import { PartitionTable } from "../partition-table.ts";
import { KnownCluster } from "../testing/known-cluster.ts";
import type { PartitionHome } from "./cluster.ts";
import type { Batch, Delivered, Delivery } from "./delivery.ts";
import { KafkaLog } from "./kafka-log.ts";
import type { Outgoing } from "./outgoing.ts";
import type { WorkUnit } from "./unit.ts";

const FACTS = "facts";
const BROKER: Broker = { host: "localhost", port: 1 };

/** Reads are begun and not answered before the test ends them. */
class StalledReads extends KnownCluster {
  readonly begun = Promise.withResolvers<void>();
  readonly #answer = Promise.withResolvers<Connection>();

  override async partitionCount(): Promise<number> {
    return 1;
  }

  override async home(topic: string): Promise<PartitionHome> {
    return { topicId: `id of ${topic}`, node: 1, broker: BROKER };
  }

  override connection(): Promise<Connection> {
    this.begun.resolve();
    return this.#answer.promise;
  }

  end(): void {
    this.#answer.reject(new LogError("log.closed", "The test is over"));
  }
}

/** One line of writes for all units, each answered at once. */
class DenseDelivery implements Delivery {
  readonly isDense = true;
  readonly needsMarks = false;
  /** Changelog records, in the order of the writes. */
  readonly claims: string[] = [];

  async begin(): Promise<void> {}
  async close(): Promise<void> {}

  async append({ group, partition }: WorkUnit, records: readonly Outgoing[]): Promise<number> {
    this.claims.push(`${group}/${partition}`);
    return records.length - 1;
  }

  async write({ outputs, changelog }: Batch): Promise<Delivered> {
    const offsets = outputs.map((_, index) => index);
    return { outputs: offsets, changelog: changelog(offsets).map((_, index) => index) };
  }
}

/** An acquire of a unit whose changelog ends at `end`, in the middle of reading it. */
async function whileReading(end: number) {
  const [cluster, delivery] = [new StalledReads({ end }), new DenseDelivery()];
  const layout = [{ topic: FACTS, partitions: 1 }];
  const table = new PartitionTable(layout, () => null);
  const [onRestored, wireIds] = [() => undefined, null];
  const log = new KafkaLog({ cluster, delivery, table, prefix: "", onRestored, wireIds });
  const acquiring = log.acquire("signals", 0).catch((error: unknown) => error);
  await cluster.begun.promise;
  const close = async () => {
    cluster.end();
    expect(await acquiring).toMatchObject({ code: "log.closed" });
    await log.close();
  };
  return { log, claims: delivery.claims, close };
}

describe("an acquire that reads its changelog", () => {
  for (const [when, end, claims] of [
    ["before its claim", 5, []],
    ["behind its claim", 0, ["signals/0"]],
  ] as const) {
    it(`lets others of its process commit, ${when}`, async () => {
      const reading = await whileReading(end);
      expect(reading.claims).toEqual(claims);
      const fact = { topic: FACTS, partition: 0, key: "GME", value: Buffer.from("fact") };
      const committed = await reading.log.commit({ appends: [{ ...fact, headers: {} }] });
      expect(committed).toEqual({ offsets: [0] });
      await reading.close();
    });
  }
});
