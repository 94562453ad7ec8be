import { TOPIC_NAMES } from "@amc/schemas/topics";
import { referenceFact } from "@amc/streams/facts/security";
import { beforeEach, describe, expect, it } from "vitest";
import { eventsOf } from "../http/testing/provider-under-test.ts";
import { appendNewFacts } from "./append-new-facts.ts";
import { createMemoryLog } from "./memory.ts";
import type { Log } from "./port.ts";

const DAY_MS = 86_400_000;
const START = Date.UTC(2025, 8, 5, 14);

describe("a figure without a date of its own", () => {
  let log: Log;
  let nowMs: number;
  beforeEach(() => {
    nowMs = START;
    const layout = TOPIC_NAMES.map((topic) => ({ topic, partitions: 1 }));
    log = createMemoryLog(layout, () => nowMs);
  });
  /** What a vendor says `days` later. */
  const stated = async (days: number, value: number, source = "yahoo") => {
    nowMs = START + days * DAY_MS;
    const date = new Date(nowMs).toISOString().slice(0, 10);
    const figures = {
      ...{ symbol: "XYZ", value, date, publishedAt: nowMs, note: null },
      field: "FLOAT_SHARES",
      precision: "EXACT",
    } as const;
    const captured = { at: nowMs, latencyMs: 3 };
    const fact = referenceFact(figures, { source, confidence: 0.85, simulated: false, captured });
    return (await appendNewFacts(log, [fact], "/amc/test")).appended;
  };

  it("is appended when it changes, and not at each call that says the same", async () => {
    expect(await stated(0, 15e6)).toBe(1);
    expect(await stated(0.5, 15e6)).toBe(0);
    expect(await stated(3, 15e6)).toBe(0);
    expect(await stated(4, 16e6)).toBe(1);
    // It came back: what holds now is the newest statement, not any of before.
    expect(await stated(5, 15e6)).toBe(1);
    expect(await eventsOf(log, "market.reference.v1")).toHaveLength(3);
  });

  it("is appended again after a month, so that it does not look forgotten, and from another source", async () => {
    expect(await stated(0, 15e6)).toBe(1);
    expect(await stated(1, 15e6, "another")).toBe(1);
    expect(await stated(30, 15e6)).toBe(0);
    expect(await stated(31, 15e6)).toBe(1);
  });
});
