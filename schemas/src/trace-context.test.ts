import { describe, expect, it } from "vitest";
import { parseTraceparent, traceparentOf } from "./trace-context.ts";

const FACT = "3f0c1a2b-8d7e-8f60-9a1b-2c3d4e5f6071";
const DERIVED = "00000000-0000-8000-8000-00000000002a";

describe("trace context", () => {
  it("of a fact is the fact's own id, and what follows from it stays in its trace", () => {
    const root = traceparentOf(FACT);
    expect(root).toBe("00-3f0c1a2b8d7e8f609a1b2c3d4e5f6071-9a1b2c3d4e5f6071-01");
    const child = traceparentOf(DERIVED, root);
    expect(child).toBe("00-3f0c1a2b8d7e8f609a1b2c3d4e5f6071-800000000000002a-01");
    expect(parseTraceparent(child)).toEqual({
      traceId: "3f0c1a2b8d7e8f609a1b2c3d4e5f6071",
      spanId: "800000000000002a",
    });
  });

  it.each([
    ["missing", undefined],
    ["of another version", "01-3f0c1a2b8d7e8f609a1b2c3d4e5f6071-9a1b2c3d4e5f6071-01"],
    ["in capitals", "00-3F0C1A2B8D7E8F609A1B2C3D4E5F6071-9a1b2c3d4e5f6071-01"],
    ["without a trace", `00-${"0".repeat(32)}-9a1b2c3d4e5f6071-01`],
    ["without a span", `00-3f0c1a2b8d7e8f609a1b2c3d4e5f6071-${"0".repeat(16)}-01`],
    ["longer than it may be", "00-3f0c1a2b8d7e8f609a1b2c3d4e5f6071-9a1b2c3d4e5f6071-01-x"],
  ])("that is %s is none", (_, header) => {
    expect(parseTraceparent(header)).toBeNull();
  });
});
