import type { Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { type FakeKafka, type Fate, fakeKafka, REQUEST } from "../../testing/fake-kafka.ts";
import { type Outgoing, toOutgoing } from "../outgoing.ts";
import { EpochProducer } from "./epoch-producer.ts";

const TOPIC = "facts";
const REQUEST_TIMEOUT_MS = 500;
const NOT_ENOUGH_REPLICAS = 19;

async function faked(brokers: number, partitions: number, host = "127.0.0.1") {
  const kafka = await fakeKafka(brokers, partitions);
  onTestFinished(kafka.close);
  const addresses = kafka.addresses.map((address) => address.replace("127.0.0.1", host));
  const connection = { brokers: addresses, clientId: "amc-test" };
  const producer = new EpochProducer(
    { ...connection, requestTimeoutMs: REQUEST_TIMEOUT_MS },
    "signals-0",
  );
  onTestFinished(() => producer.end());
  return { kafka, producer };
}

function outgoing(partition: number, bytes = 10): Outgoing {
  return toOutgoing(TOPIC, partition, { key: null, value: Buffer.alloc(bytes), headers: {} });
}

async function write(producer: EpochProducer, records: readonly Outgoing[]): Promise<number[]> {
  const transaction = await producer.begin();
  const offsets = await producer.send(transaction, records);
  await producer.commit(transaction);
  return offsets;
}

/** The first request of a kind meets `once`, all others are answered. */
function onceTo(kafka: FakeKafka, kind: number, meets: (socket: Socket) => FakeKafka["fate"]) {
  let isDone = false;
  kafka.fate = async (asked, socket, broker) => {
    if (asked !== kind || isDone) return "answered";
    isDone = true;
    return meets(socket)(asked, socket, broker);
  };
}

describe("a producer of kafkajs", () => {
  it("puts each record where it says, whatever happens to a request in between", async () => {
    const { kafka, producer } = await faked(3, 3);
    const trouble: ((socket: Socket) => FakeKafka["fate"])[] = [
      () => () => "answered",
      () => () => "unanswered",
      () => () => "ignored",
      () => () => NOT_ENOUGH_REPLICAS,
      (socket) => () => {
        socket.destroy();
        return "ignored";
      },
      () => () => {
        // The leader moves with all that it has, while a request for it is on its way.
        kafka.leaders.set(`${TOPIC}/1`, 2);
        return "answered";
      },
    ];
    const counts = [0, 0, 0];
    for (const meets of trouble) {
      onceTo(kafka, REQUEST.produce, meets);
      const records = Array.from({ length: 2_200 }, (_, index) =>
        outgoing(index % 7 === 0 ? index % 3 : 1),
      );
      const expected = records.map(({ partition }) => {
        const next = counts[partition] ?? 0;
        counts[partition] = next + 1;
        return next;
      });
      expect(await write(producer, records)).toEqual(expected);
    }
    for (const [partition, count] of counts.entries()) {
      const batches = kafka.log.get(`${TOPIC}/${partition}`) ?? [];
      expect(batches.reduce((sum, batch) => sum + batch.count, 0)).toBe(count);
    }
  }, 30_000);

  it("has lost a request when one timed out, or its connection broke under it", async () => {
    for (const breaks of [false, true]) {
      const { kafka, producer } = await faked(1, 1);
      await write(producer, [outgoing(0)]);
      expect(producer.hasLostRequest).toBe(false);
      onceTo(kafka, REQUEST.produce, (socket) => () => {
        if (breaks) socket.destroy();
        return "unanswered";
      });
      await write(producer, [outgoing(0)]);
      expect(producer.hasLostRequest).toBe(true);
    }
  });

  it("has lost nothing when a connection without a request is closed, whatever another one waits for", async () => {
    // Known by another name than the one it tells of itself, a broker has a first connection that idles.
    const { kafka, producer } = await faked(1, 1, "localhost");
    const used = new Set<Socket>();
    await write(producer, [outgoing(0)]);
    kafka.fate = (_kind, socket) => {
      used.add(socket);
      return "answered";
    };
    for (let round = 0; round < 5; round += 1) await write(producer, [outgoing(0)]);
    const idle = [...kafka.connections.keys()].filter((socket) => !used.has(socket));
    expect(idle.length).toBeGreaterThan(0);
    onceTo(kafka, REQUEST.produce, () => async (): Promise<Fate> => {
      const closed = idle.map((socket) => new Promise((resolve) => socket.once("close", resolve)));
      for (const socket of idle) socket.destroy();
      await Promise.all(closed);
      return "answered";
    });
    await write(producer, [outgoing(0)]);
    expect(producer.hasLostRequest).toBe(false);
  });
});
