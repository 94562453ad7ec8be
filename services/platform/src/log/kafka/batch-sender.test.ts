import { Connection, ProtocolError } from "@platformatic/kafka";
import { describe, expect, it } from "vitest";
import type { Pacing } from "../../pacing.ts";
import { LogError } from "../errors.ts";
import { KnownCluster } from "../testing/known-cluster.ts";
import { passingTime } from "../testing/passing-time.ts";
import { BATCH } from "./batch-format.ts";
import { BatchSender, type ProducerIdentity } from "./batch-sender.ts";
import type { PartitionHome } from "./cluster.ts";
import { toOutgoing } from "./outgoing.ts";
import type { ProduceRequest, produce } from "./produce.ts";

const TOPIC = "facts";
const RECORD = toOutgoing(TOPIC, 0, { key: "GME", value: Buffer.from("output"), headers: {} });

/** Nobody leads the partition until an instant. */
class LeaderlessCluster extends KnownCluster {
  readonly #pacing: Pacing;
  readonly #untilMs: number;

  constructor(pacing: Pacing, untilMs: number) {
    super();
    this.#pacing = pacing;
    this.#untilMs = untilMs;
  }

  override async home(topic: string, partition: number): Promise<PartitionHome> {
    if (this.#pacing.nowMs() < this.#untilMs) {
      throw new LogError("log.unavailable", "no leader", { topic, partition });
    }
    return { topicId: "", node: 1, broker: { host: "localhost", port: 1 } };
  }

  override async connection(): Promise<Connection> {
    return new Connection("test");
  }
}

function identity(): ProducerIdentity {
  return { transactionalId: null, producerId: 1n, producerEpoch: 0, sequences: new Map() };
}

function senderOf(pacing: Pacing, leaderlessMs: number, answer: typeof produce): BatchSender {
  const cluster = new LeaderlessCluster(pacing, leaderlessMs);
  return new BatchSender(cluster, { lane: "sends", timeoutMs: 1_000, produce: answer, pacing });
}

const accept: typeof produce = async (_connection, { batches }) =>
  batches.map(() => ({ baseOffset: 7, error: null }));

describe("a send while a partition has no leader", () => {
  it("gets through when one is found after half a minute", async () => {
    const pacing = passingTime();
    const sender = senderOf(pacing, 30_000, accept);
    expect(await sender.send(identity(), [RECORD])).toEqual([7]);
    expect(pacing.nowMs()).toBeGreaterThanOrEqual(30_000);
  });

  it("ends after 40 s, with the last failure", async () => {
    const pacing = passingTime();
    const sender = senderOf(pacing, Number.POSITIVE_INFINITY, accept);
    const sending = sender.send(identity(), [RECORD]);
    await expect(sending).rejects.toMatchObject({ code: "log.unavailable" });
    expect(pacing.nowMs()).toBeGreaterThan(40_000);
    expect(pacing.nowMs()).toBeLessThan(45_000);
  });
});

describe("a send whose leader answers that it leads no more", () => {
  it("is repeated with the same sequence numbers until the new one takes it", async () => {
    const pacing = passingTime();
    const sequences: number[] = [];
    const moving: typeof produce = async (connection, request: ProduceRequest) => {
      for (const { batch } of request.batches) {
        sequences.push(batch.readInt32BE(BATCH.firstSequence));
      }
      if (pacing.nowMs() >= 10_000) return accept(connection, request);
      const error = new ProtocolError("NOT_LEADER_OR_FOLLOWER");
      return request.batches.map(() => ({ baseOffset: null, error }));
    };
    const sender = senderOf(pacing, 0, moving);
    const producer = identity();
    expect(await sender.send(producer, [RECORD])).toEqual([7]);
    expect(new Set(sequences)).toEqual(new Set([0]));
    expect(await sender.send(producer, [RECORD])).toEqual([7]);
    expect(sequences.at(-1)).toBe(1);
  });

  it("ends at once with what no later try can change", async () => {
    const pacing = passingTime();
    const error = new ProtocolError("TOPIC_AUTHORIZATION_FAILED");
    const sender = senderOf(pacing, 0, async () => [{ baseOffset: null, error }]);
    await expect(sender.send(identity(), [RECORD])).rejects.toBe(error);
    expect(pacing.nowMs()).toBe(0);
  });
});
