import {
  mendOf,
  type TopicDifference,
  topicDifferences,
} from "@amc/platform/log/kafka/topics/drift";
import type { TopicsState } from "@amc/platform/log/kafka/topics/topic-admin";
import {
  replicationOf,
  type TopicShape,
  topicShapes,
} from "@amc/platform/log/kafka/topics/topic-shape";
import { systemGroups, systemLayout } from "@amc/platform/runtime/layout";
import { describe, expect, it } from "vitest";
import { createAbsentTopics } from "./create-topics.ts";

const WANTED = { layout: systemLayout(4), groups: systemGroups(4) };
const KAFKAS_OWN = {
  "segment.bytes": "1073741824",
  "segment.ms": "604800000",
  "min.cleanable.dirty.ratio": "0.5",
  "min.compaction.lag.ms": "86400000",
};
const DESIRED = topicShapes(WANTED, replicationOf(3));
/** Of a build that packed nothing. */
const UNPACKED = topicShapes({ ...WANTED, compressesShortInterest: false }, replicationOf(3));
/** Of a build that left changelogs to Kafka's own pace. */
const LARGE = DESIRED.map((shape) =>
  shape.topic.startsWith("state.")
    ? { ...shape, settings: { ...shape.settings, ...KAFKAS_OWN } }
    : shape,
);
const PACKED = "compression.type";
const MISSING = "ops.hour-metric.v1";

/** A cluster in memory. */
class Brokers {
  found: readonly TopicShape[];

  constructor(found: readonly TopicShape[]) {
    this.found = found;
  }

  async check(): Promise<TopicsState> {
    const there = new Set(this.found.map(({ topic }) => topic));
    const names = DESIRED.map(({ topic }) => topic);
    const differences = topicDifferences(DESIRED, this.found);
    return { names, absent: names.filter((name) => !there.has(name)), differences };
  }

  async provide(): Promise<TopicsState> {
    const state = await this.check();
    const absent = DESIRED.filter(({ topic }) => state.absent.includes(topic));
    this.found = [...this.found, ...absent];
    return state;
  }
}

const without = (shapes: readonly TopicShape[], name: string) =>
  shapes.filter(({ topic }) => topic !== name);
const settingsOf = (differences: readonly TopicDifference[]) =>
  new Set(differences.map(({ setting }) => setting));

describe("topics check --create", () => {
  it("creates what is absent on a cluster of a build that packed nothing, and lets the deployment go on", async () => {
    const brokers = new Brokers(without(UNPACKED, MISSING));
    const { areFit, absent, differences } = await createAbsentTopics(brokers);
    expect({ areFit, absent }).toEqual({ areFit: true, absent: [] });
    expect(brokers.found.map(({ topic }) => topic)).toContain(MISSING);
    // Told all the same: only a person decides to pack them.
    expect(settingsOf(differences)).toEqual(new Set([PACKED]));
    expect(differences.every(({ topic }) => topic.startsWith("short."))).toBe(true);
  });

  it("lets a deployment go on with such a cluster when nothing is absent", async () => {
    const { areFit, differences } = await createAbsentTopics(new Brokers(UNPACKED));
    expect([areFit, differences.length > 0]).toEqual([true, true]);
  });

  it("creates what is absent on a cluster whose changelogs are compacted later than now, and tells it", async () => {
    const brokers = new Brokers(without(LARGE, MISSING));
    const { areFit, absent, differences } = await createAbsentTopics(brokers);
    expect({ areFit, absent }).toEqual({ areFit: true, absent: [] });
    expect(settingsOf(differences)).toEqual(new Set(Object.keys(KAFKAS_OWN)));
    expect(new Set(differences.map(mendOf))).toEqual(
      new Set(["npm run amc -- topics check --mend"]),
    );
  });

  it("creates nothing while a changelog is compacted before what lies on a value can be repaired", async () => {
    const early = DESIRED.map((shape) =>
      shape.topic === "state.signals"
        ? { ...shape, settings: { ...shape.settings, "min.compaction.lag.ms": "0" } }
        : shape,
    );
    const { areFit, absent } = await createAbsentTopics(new Brokers(without(early, MISSING)));
    expect({ areFit, absent }).toEqual({ areFit: false, absent: [MISSING] });
  });

  it.each([
    ["retention", { "retention.ms": "3600000" }],
    ["compaction, beside how it is packed", { "cleanup.policy": "compact", [PACKED]: "producer" }],
  ])("creates nothing while a topic has another %s", async (_, settings) => {
    const changed = DESIRED.map((shape) =>
      shape.topic === "short.quality.v1"
        ? { ...shape, settings: { ...shape.settings, ...settings } }
        : shape,
    );
    const brokers = new Brokers(without(changed, MISSING));
    const { areFit, absent } = await createAbsentTopics(brokers);
    expect({ areFit, absent }).toEqual({ areFit: false, absent: [MISSING] });
    expect(brokers.found).toHaveLength(DESIRED.length - 1);
  });

  it("creates all topics of a new cluster, of which nothing differs", async () => {
    const brokers = new Brokers([]);
    expect(await createAbsentTopics(brokers)).toMatchObject({ areFit: true, differences: [] });
    expect(brokers.found).toEqual(DESIRED);
  });
});
