import { describe, expect, it } from "vitest";
import { LogError } from "../log/errors.ts";
import { RegistryError } from "../registry/errors.ts";
import { classifyFailure, isOutage } from "./failure.ts";

function systemError(code: string): Error {
  return Object.assign(new Error(`connect ${code}`), { code });
}

describe("classification of failures", () => {
  it.each([
    "log.fenced",
    "log.offset-out-of-range",
    "log.stopped",
    "log.disk-full",
    "log.corrupt",
  ] as const)("ends the process on %s: going on would lose or repeat records", (code) => {
    expect(classifyFailure(new LogError(code, "test"))).toBe("fatal");
  });

  it.each(["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "EAI_AGAIN"])(
    "waits and tries again on %s",
    (code) => {
      expect(classifyFailure(systemError(code))).toBe("transient");
    },
  );

  it("waits while the schema registry is away, dead-letters what it does not know, and ends on the rest", () => {
    const classOf = (code: RegistryError["code"]) =>
      classifyFailure(new RegistryError(code, "test", {}));
    expect(classOf("registry.unavailable")).toBe("transient");
    expect(classOf("registry.unknown-schema")).toBe("poison");
    expect(classOf("registry.foreign-schema")).toBe("poison");
    expect(classOf("registry.newer-schema")).toBe("fatal");
    expect(classOf("registry.unregistered")).toBe("fatal");
  });

  it("ends the process on anything it does not know, whatever was thrown", () => {
    for (const thrown of [
      new TypeError("x"),
      systemError("EWHATEVER"),
      "text",
      null,
      undefined,
      7,
    ]) {
      expect(classifyFailure(thrown)).toBe("fatal");
    }
  });
});

describe("an outage", () => {
  it("is whoever does not answer, and a write whose outcome is unknown for that reason", () => {
    const outages = [
      new LogError("log.unavailable", "test"),
      new LogError("log.outcome-unknown", "test", { away: "brokers" }),
      new RegistryError("registry.unavailable", "test", {}),
      systemError("ECONNRESET"),
    ];
    expect(outages.map(isOutage)).toEqual(outages.map(() => true));
    expect(isOutage(new LogError("log.outcome-unknown", "test"))).toBe(false);
    expect(isOutage(new LogError("log.refused", "test"))).toBe(false);
  });
});
