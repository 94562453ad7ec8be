import { NetworkError, ProtocolError } from "@platformatic/kafka";
import { describe, expect, it } from "vitest";
import { classifyFailure, isOutage } from "../../runtime/failure.ts";
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

  it.each([
    "MESSAGE_TOO_LARGE",
    "RECORD_LIST_TOO_LARGE",
    "INVALID_RECORD",
    "INVALID_TIMESTAMP",
    "INVALID_TOPIC_EXCEPTION",
    "INVALID_REQUIRED_ACKS",
    "INVALID_TRANSACTION_TIMEOUT",
    "UNSUPPORTED_FOR_MESSAGE_FORMAT",
    "UNSUPPORTED_COMPRESSION_TYPE",
  ] as const)("is a refusal that no later try changes: %s", (answer) => {
    const failure = writeFailure(new ProtocolError(answer), { topic: "facts" });
    expect(failure.code).toBe("log.refused");
    expect(classifyFailure(failure)).toBe("fatal");
  });

  it("says what mends it when a topic takes smaller batches than it was made for", () => {
    const { message } = writeFailure(new ProtocolError("MESSAGE_TOO_LARGE"), {});
    expect(message).toContain("npm run amc -- topics check");
  });

  it("tells brokers that are away from an answer that nobody expected", () => {
    const failures = [
      new NetworkError("the connection was lost"),
      new ProtocolError("NOT_ENOUGH_REPLICAS"),
      new AggregateError([new ProtocolError("COORDINATOR_NOT_AVAILABLE")]),
      NO_LEADER,
      new ProtocolError("UNKNOWN_SERVER_ERROR"),
      new ProtocolError("OUT_OF_ORDER_SEQUENCE_NUMBER"),
    ].map((error) => writeFailure(error, { topic: "facts" }));
    expect(new Set(failures.map(({ code }) => code))).toEqual(new Set(["log.outcome-unknown"]));
    expect(failures.map(isOutage)).toEqual([true, true, true, true, false, false]);
    expect(failures.map(({ facts }) => facts.topic)).toEqual(failures.map(() => "facts"));
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
