import { TOPIC_NAMES } from "@amc/schemas/topics";
import { WORK_GROUP_NAMES } from "@amc/schemas/work-groups";
import { describe, expect, it } from "vitest";
import { systemGroups, systemLayout } from "../../../runtime/layout.ts";
import { describeDifference, mendOf, topicDifferences } from "./drift.ts";
import { replicationOf, topicShapes } from "./topic-shape.ts";

const wanted = { layout: systemLayout(4), groups: systemGroups(4) };
const desired = topicShapes(wanted, replicationOf(3));
const shapeOf = (topic: string) => desired.find((shape) => shape.topic === topic);

describe("the topics of a cluster", () => {
  it("are those of the topic table, their dead letters and the changelogs of all groups", () => {
    expect(desired.map(({ topic }) => topic)).toEqual([
      ...TOPIC_NAMES.flatMap((topic) => [topic, `${topic}.dlq`]),
      ...WORK_GROUP_NAMES.map((group) => `state.${group}`),
    ]);
  });

  it("carry the prefix of their installation", () => {
    const [first] = topicShapes({ ...wanted, prefix: "test." }, replicationOf(3));
    expect(first).toEqual({ ...desired[0], topic: "test.market.corporate-action.v1" });
  });

  it("count age from when a record was appended, because facts are stamped with their own past", () => {
    for (const { settings } of desired) {
      expect(settings["message.timestamp.type"]).toBe("LogAppendTime");
    }
  });

  it("keep for ever what the table keeps for ever, and thirty days what it keeps for thirty", () => {
    expect(shapeOf("market.price-tick.v1")?.settings["retention.ms"]).toBe("-1");
    expect(shapeOf("ops.stage-timing.v1")?.settings["retention.ms"]).toBe("2592000000");
    expect(shapeOf("ops.stage-timing.v1.dlq")?.settings["retention.ms"]).toBe("-1");
  });

  it("pack short interest and nothing else, unless ENABLE_SHORT_INTEREST_COMPRESSION is false (R-SI-14)", () => {
    const packed = (shapes: typeof desired) =>
      shapes.flatMap(({ topic, settings }) => {
        const type = settings["compression.type"];
        return type === undefined || topic.endsWith(".dlq") ? [] : [`${topic} ${type}`];
      });
    const topics = ["interest", "volume", "fails-to-deliver", "quality"];
    expect(packed(desired)).toEqual(topics.map((name) => `short.${name}.v1 gzip`));
    const off = topicShapes({ ...wanted, compressesShortInterest: false }, replicationOf(3));
    expect(packed(off)).toEqual(topics.map((name) => `short.${name}.v1 producer`));
    expect(topicDifferences(off, desired).map(mendOf)).toContain(
      "npm run amc -- topics check --mend",
    );
  });

  it("compact changelogs, ten minutes late and from 64 MiB or an hour on, with a partition for every unit of work", () => {
    expect(shapeOf("state.signals")).toMatchObject({
      partitions: 4,
      settings: {
        "cleanup.policy": "compact",
        "min.compaction.lag.ms": "600000",
        "segment.bytes": "67108864",
        "segment.ms": "3600000",
        "min.cleanable.dirty.ratio": "0.1",
        "max.message.bytes": "8388608",
      },
    });
    expect(shapeOf("state.ingest-recordings")?.partitions).toBe(1);
  });

  it("acknowledge what two of three brokers have, and on one broker what that one has", () => {
    expect(shapeOf("signals.features.v1")).toMatchObject({
      replicas: 3,
      settings: { "min.insync.replicas": "2", "unclean.leader.election.enable": "false" },
    });
    expect(replicationOf(1)).toEqual({ replicas: 1, minInsync: 1 });
  });
});

describe("a topic that is not as the table says", () => {
  const found = desired.map((shape) => {
    if (shape.topic === "market.halt.v1") return { ...shape, partitions: 12 };
    if (shape.topic === "state.signals") return { ...shape, replicas: 1 };
    if (shape.topic !== "market.news.v1") return shape;
    return { ...shape, settings: { ...shape.settings, "retention.ms": "604800000" } };
  });

  it("is named with setting, is and should, and with what mends it", () => {
    const differences = topicDifferences(desired, found);
    expect(differences.map(describeDifference)).toEqual([
      "market.halt.v1: partitions is 12, should be 4",
      "market.news.v1: retention.ms is 604800000, should be -1",
      "state.signals: replicas is 1, should be 3",
    ]);
    expect(differences.map(mendOf)).toEqual([
      expect.stringContaining("AMC_PARTITIONS=12"),
      "npm run amc -- topics check --mend",
      expect.stringContaining("kafka-reassign-partitions.sh"),
    ]);
  });

  it("is no difference while it is absent: it is created then", () => {
    expect(topicDifferences(desired, [])).toEqual([]);
    expect(topicDifferences(desired, desired)).toEqual([]);
  });
});
