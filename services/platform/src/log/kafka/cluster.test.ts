import { ResponseError } from "@platformatic/kafka";
import { describe, expect, it } from "vitest";
import { Cluster } from "./cluster.ts";

const METADATA = 3;
const LEADER_NOT_AVAILABLE = 5;
const TOPIC_AUTHORIZATION_FAILED = 29;

/** A cluster whose brokers answer with the errors of these places, as the client tells them. */
class AnsweringCluster extends Cluster {
  readonly #errors: Record<string, [number, null]>;

  constructor(errors: Record<string, [number, null]>) {
    super({ brokers: ["localhost:1"], clientId: "test" });
    this.#errors = errors;
  }

  override ask<Answer>(): Promise<Answer> {
    const led = [7, -1, 7].map((leaderId, partitionIndex) => ({ partitionIndex, leaderId }));
    const response = {
      brokers: [{ nodeId: 7, host: "broker", port: 9092, rack: null }],
      topics: [{ topicId: "id of facts", partitions: led }],
    };
    return Promise.reject(new ResponseError(METADATA, 12, this.#errors, response));
  }
}

describe("where a partition is to be asked for", () => {
  it("is known of every other one while one has no leader", async () => {
    const cluster = new AnsweringCluster({
      "/topics/0/partitions/1": [LEADER_NOT_AVAILABLE, null],
    });
    expect(await cluster.partitionCount("facts")).toBe(3);
    expect(await cluster.home("facts", 2)).toMatchObject({ node: 7, broker: { host: "broker" } });
    await expect(cluster.home("facts", 1)).rejects.toMatchObject({
      code: "log.unavailable",
      facts: { topic: "facts", partition: 1 },
    });
  });

  it("is not taken from an answer that is refused as a whole", async () => {
    const cluster = new AnsweringCluster({ "/topics/0": [TOPIC_AUTHORIZATION_FAILED, null] });
    await expect(cluster.home("facts", 0)).rejects.toBeInstanceOf(ResponseError);
  });
});
