import { describe, expect, it } from "vitest";
import { attemptEnd } from "./attempt-end.ts";

describe("an attempt at a text message", () => {
  it.each([
    ["SENT", null, "sent"],
    ["RETRY", "provider.rate-limited", "retried"],
    ["FAILED", "provider.refused", "refused"],
    ["FAILED", "provider.not-found", "refused"],
    ["FAILED", "twilio.21610", "rejected"],
    ["FAILED", "provider.bad-request", "rejected"],
    ["FAILED", "twilio.undelivered", "undelivered"],
    ["FAILED", "alert.too-late", "too_late"],
    ["FAILED", "alert.outcome-unknown", "outcome_unknown"],
    ["FAILED", "alert.simulated", "simulated"],
    ["FAILED", "alert.recipient-removed", "recipient_removed"],
  ] as const)("that is %s with %s is counted as %s", (status, error, end) => {
    expect(attemptEnd({ status, error, wasOld: false })).toBe(end);
  });

  it("at what was too late as it was asked for is nobody's failure", () => {
    expect(attemptEnd({ status: "FAILED", error: "alert.too-late", wasOld: true })).toBe("old");
  });
});
