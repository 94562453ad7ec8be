import { ProtocolError } from "@platformatic/kafka";
import { describe, expect, it } from "vitest";
import { LogError } from "../errors.ts";
import { brokerFailure, isBrokerError, writeFailure } from "./broker-failure.ts";

const NO_LEADER = new LogError("log.unavailable", "facts/0 has no leader");

describe("a failure of a write that was begun", () => {
  it("is an unknown outcome when brokers were away, and a refusal when they refused", () => {
    const codeOf = (error: unknown) => writeFailure(error, { topic: "facts" }).code;
    expect(codeOf(NO_LEADER)).toBe("log.outcome-unknown");
    expect(codeOf(new Error("the connection was lost"))).toBe("log.outcome-unknown");
    expect(codeOf(new ProtocolError("TOPIC_AUTHORIZATION_FAILED"))).toBe("log.refused");
  });

  it("is told from one of a request that writes nothing", () => {
    expect(brokerFailure(NO_LEADER, "log.unavailable").code).toBe("log.unavailable");
  });
});

describe("an answer of a broker", () => {
  it("is found in what wraps it and in what sums it up", () => {
    const answer = new ProtocolError("NOT_LEADER_OR_FOLLOWER");
    const wrapped = new Error("a request failed", { cause: new AggregateError([answer]) });
    expect(isBrokerError(wrapped, "NOT_LEADER_OR_FOLLOWER")).toBe(true);
    expect(isBrokerError(wrapped, "CORRUPT_MESSAGE")).toBe(false);
  });

  it("is known by the name that the client gives it, not by a property that any error may have", () => {
    const other = Object.assign(new Error("of another library"), { type: "PRODUCER_FENCED" });
    expect(isBrokerError(other, "PRODUCER_FENCED")).toBe(false);
  });
});
