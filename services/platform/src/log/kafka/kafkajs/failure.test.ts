import kafkajs from "kafkajs";
import { describe, expect, it } from "vitest";
import { LogError } from "../../errors.ts";
import { writeFailure } from "../broker-failure.ts";
import { failureOf } from "./failure.ts";

const { KafkaJSConnectionError, KafkaJSNumberOfRetriesExceeded, KafkaJSProtocolError } = kafkajs;

/** As the log tells it. */
function told(error: unknown): { code: string; away: string | number | undefined } {
  const { code, facts } = writeFailure(failureOf(error), {});
  return { code, away: facts.away };
}

function protocol(code: number): Error {
  return new KafkaJSProtocolError(
    Object.assign(new Error("an answer"), { code, type: "ANY", retriable: false }),
  );
}

describe("a failure of kafkajs", () => {
  it("is what the broker answered, however deep the client wrapped it", () => {
    const invalidEpoch = protocol(47);
    expect(told(invalidEpoch)).toEqual({ code: "log.fenced", away: undefined });
    const givenUp = new KafkaJSNumberOfRetriesExceeded(invalidEpoch, {
      ...{ retryCount: 5, retryTime: 10 },
    });
    expect(told(givenUp)).toEqual({ code: "log.fenced", away: undefined });
    const notAuthorized = protocol(53);
    expect(told(notAuthorized).code).toBe("log.refused");
    const tooLarge = protocol(10);
    expect(told(tooLarge).code).toBe("log.refused");
  });

  it("is an outage when brokers are away, which may pass", () => {
    const refused = new KafkaJSConnectionError("connect ECONNREFUSED", {
      ...{ broker: "127.0.0.1:1", code: "ECONNREFUSED" },
    });
    expect(told(refused)).toEqual({ code: "log.outcome-unknown", away: "brokers" });
    expect(told(new Error("Broker not connected"))).toEqual({
      ...{ code: "log.outcome-unknown", away: "brokers" },
    });
    const notLeader = protocol(6);
    expect(told(notLeader)).toEqual({ code: "log.outcome-unknown", away: "brokers" });
  });

  it("is an outage when a login failed: a connection that broke in it is told as a refusal", () => {
    const failed = Object.assign(new Error("SASL authentication failed"), {
      name: "KafkaJSSASLAuthenticationError",
    });
    expect(told(failed)).toEqual({ code: "log.outcome-unknown", away: "brokers" });
  });

  it("stays what it is when it is ours or nobody's", () => {
    const ours = new LogError("log.unavailable", "later");
    expect(failureOf(ours)).toBe(ours);
    for (const mistake of [new TypeError("a mistake"), new Error("value should be a Buffer")]) {
      expect(failureOf(mistake)).toBe(mistake);
    }
  });
});
