import { TOPIC_NAMES } from "@amc/schemas/topics";
import { WORK_GROUPS } from "@amc/schemas/work-groups";
import { describe, expect, it } from "vitest";
import { desiredTopics } from "./desired-topics.ts";
import { describeDifference, topicDifferences } from "./drift.ts";

const desired = desiredTopics(4, { replicas: 3, minInsync: 2 });
const shapeOf = (topic: string) => desired.find((shape) => shape.topic === topic);

describe("the topics of a cluster", () => {
  it("are those of the topic table, their dead letters, and the changelogs of all that work", () => {
    expect(desired.map(({ topic }) => topic)).toEqual([
      ...TOPIC_NAMES.flatMap((topic) => [topic, `${topic}.dlq`]),
      ...Object.keys(WORK_GROUPS).map((group) => `state.${group}`),
    ]);
  });

  it("keep the newest value of every key of state, in a partition per unit of work", () => {
    expect(shapeOf("state.signals")).toMatchObject({
      partitions: 4,
      settings: { "cleanup.policy": "compact", "max.message.bytes": "8388608" },
    });
    expect(shapeOf("state.ingest-recordings")?.partitions).toBe(1);
  });

  it("count age from when a record was appended, because facts are stamped with their own past", () => {
    for (const { topic, settings } of desired) {
      if (topic.startsWith("state.")) continue;
      expect(settings["message.timestamp.type"]).toBe("LogAppendTime");
    }
  });

  it("keep for ever what the table keeps for ever, and thirty days what it keeps for thirty", () => {
    expect(shapeOf("market.price-tick.v1")?.settings["retention.ms"]).toBe("-1");
    expect(shapeOf("ops.stage-timing.v1")?.settings["retention.ms"]).toBe("2592000000");
    expect(shapeOf("ops.stage-timing.v1.dlq")?.settings["retention.ms"]).toBe("-1");
  });

  it("acknowledge what two of three brokers have", () => {
    expect(shapeOf("signals.features.v1")).toMatchObject({
      replicas: 3,
      settings: { "min.insync.replicas": "2", "unclean.leader.election.enable": "false" },
    });
  });
});

describe("a topic that is not as the table says", () => {
  const found = desired.map((shape) => {
    if (shape.topic === "market.halt.v1") return { ...shape, partitions: 12 };
    if (shape.topic !== "market.news.v1") return shape;
    return { ...shape, settings: { ...shape.settings, "retention.ms": "604800000" } };
  });

  it("is named with setting, is and should", () => {
    expect(topicDifferences(desired, found).map(describeDifference)).toEqual([
      "market.halt.v1: partitions is 12, should be 4",
      "market.news.v1: retention.ms is 604800000, should be -1",
    ]);
  });

  it("is no difference while it is absent: it is created then", () => {
    expect(topicDifferences(desired, [])).toEqual([]);
    expect(topicDifferences(desired, desired)).toEqual([]);
  });
});
