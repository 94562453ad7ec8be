import { setImmediate as turn } from "node:timers/promises";
import type { ProducerBatch, ProducerRecord, RecordMetadata, Transaction } from "kafkajs";
import { describe, expect, it } from "vitest";
import { toOutgoing } from "../outgoing.ts";
import { EpochProducer } from "./epoch-producer.ts";

const CONNECTION = { brokers: ["127.0.0.1:1"], clientId: "amc-test" };

/** A transaction whose brokers give each partition offsets of its own, a turn after they were asked. */
class FakeTransaction implements Transaction {
  readonly sends: ProducerRecord[] = [];
  underWayMax = 0;
  readonly #ends = new Map<number | undefined, number>();
  #underWay = 0;

  async send(record: ProducerRecord): Promise<RecordMetadata[]> {
    this.#underWay += 1;
    this.underWayMax = Math.max(this.underWayMax, this.#underWay);
    this.sends.push(record);
    await turn();
    this.#underWay -= 1;
    const partition = record.messages[0]?.partition ?? -1;
    const end = this.#ends.get(partition) ?? 100 * partition;
    this.#ends.set(partition, end + record.messages.length);
    return [{ topicName: record.topic, partition, errorCode: 0, baseOffset: String(end) }];
  }

  sendBatch(_batch: ProducerBatch): Promise<RecordMetadata[]> {
    return Promise.reject(new Error("sends to several partitions overlap"));
  }

  async sendOffsets(): Promise<void> {}
  async commit(): Promise<void> {}
  async abort(): Promise<void> {}
  isActive(): boolean {
    return true;
  }
}

describe("a send of kafkajs", () => {
  it("goes to one partition at a time, and gives offsets in the order of the records", async () => {
    const transaction = new FakeTransaction();
    const producer = new EpochProducer(CONNECTION, "signals-0");
    const records = [2, 0, 2, 1, 0].map((partition, index) => {
      const text = String(index);
      return toOutgoing("facts", partition, { key: text, value: Buffer.from(text), headers: {} });
    });
    expect(await producer.send(transaction, records)).toEqual([200, 0, 201, 100, 1]);
    expect(transaction.underWayMax).toBe(1);
    const sent = transaction.sends.map(({ messages }) => messages.map(({ key }) => key));
    expect(sent).toEqual([["0", "2"], ["1", "4"], ["3"]]);
  });

  it("is cut into pieces that the client groups in a millisecond or two", async () => {
    const transaction = new FakeTransaction();
    const producer = new EpochProducer(CONNECTION, "signals-0");
    const record = toOutgoing("facts", 0, { key: null, value: null, headers: {} });
    const offsets = await producer.send(
      transaction,
      Array.from({ length: 2_500 }, () => record),
    );
    expect(offsets).toEqual(Array.from({ length: 2_500 }, (_, index) => index));
    expect(transaction.sends.map(({ messages }) => messages.length)).toEqual([1_000, 1_000, 500]);
  });

  it("fails at once when its epoch is ended, whatever the client still repeats", async () => {
    const transaction = new FakeTransaction();
    transaction.send = () => new Promise(() => undefined);
    const producer = new EpochProducer(CONNECTION, "signals-0");
    const record = toOutgoing("facts", 0, { key: null, value: null, headers: {} });
    const send = producer.send(transaction, [record]);
    producer.end();
    await expect(send).rejects.toMatchObject({ code: "PLT_KFK_NETWORK" });
  });
});
