import kafkajs from "kafkajs";
import { describe, expect, it } from "vitest";
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from "./group-messages.ts";

// What Kafka's own consumers write (ConsumerProtocol*.json of Kafka 4.3), by another client's codec.
const { MemberAssignment, MemberMetadata } = kafkajs.AssignerProtocol;

const OWNED = [
  { topic: "state.signals", partition: 0 },
  { topic: "state.signals", partition: 3 },
  { topic: "state.alerts", partition: 1 },
];

describe("messages between the members of a group", () => {
  it("tell topics and what is held, and are read back as they were written", () => {
    const subscription = { topics: ["state.signals", "state.alerts"], owned: OWNED };
    expect(decodeSubscription(encodeSubscription(subscription))).toEqual(subscription);
  });

  it("hold topics where other clients look for them", () => {
    const encoded = encodeSubscription({ topics: ["state.signals"], owned: OWNED });
    expect(MemberMetadata.decode(encoded)).toMatchObject({ version: 1, topics: ["state.signals"] });
  });

  it("are read as other clients write them, who say nothing about what they hold", () => {
    const userData = Buffer.from("somebody else's");
    const theirs = MemberMetadata.encode({ version: 0, topics: ["a", "b"], userData });
    expect(decodeSubscription(theirs)).toEqual({ topics: ["a", "b"], owned: [] });
  });

  it("assign partitions as other clients do, and read it back", () => {
    const encoded = encodeAssignment(OWNED);
    expect(decodeAssignment(encoded)).toEqual(OWNED);
    expect(MemberAssignment.decode(encoded)?.assignment).toEqual({
      "state.signals": [0, 3],
      "state.alerts": [1],
    });
    expect(decodeAssignment(Buffer.alloc(0))).toEqual([]);
  });
});
