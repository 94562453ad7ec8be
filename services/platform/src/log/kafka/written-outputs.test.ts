import { uuidOf } from "@amc/streams/kernel/ids";
import { describe, expect, it } from "vitest";
import type { Headers } from "../port.ts";
import { WrittenOutputs } from "./written-outputs.ts";

const TOPIC = "discovery.recommendation.v1";

/** Headers of an event that the discovery stage derived from a record, as its `index`-th output. */
function derived(event: string, source: string, index: number): Headers {
  return {
    ce_id: uuidOf(event),
    "amc-stage": "discovery",
    "amc-source": `${source}#${index}`,
  };
}

/** Outputs that lie from offset 40 on, of a unit that has committed nothing of their sources. */
function writtenOf(headers: readonly Headers[]): WrittenOutputs {
  const written = new WrittenOutputs();
  for (const [index, one] of headers.entries()) {
    const place = { topic: TOPIC, partition: 0, offset: 40 + index };
    written.add({ ...place, key: null, value: null, headers: one, appendedAtMs: 0 }, 0, []);
  }
  return written;
}

describe("outputs that are in the log before their commit counts", () => {
  it("are given once, to the same event", () => {
    const source = "gates.verdict.v1/0/7";
    const written = writtenOf([derived("GME", source, 0), derived("AMC", source, 1)]);
    expect(written.take(TOPIC, 0, derived("AMC", source, 1))).toBe(41);
    expect(written.take(TOPIC, 0, derived("AMC", source, 1))).toBeUndefined();
    expect(written.take(TOPIC, 1, derived("GME", source, 0))).toBeUndefined();
    expect(written.take(TOPIC, 0, derived("GME", source, 0))).toBe(40);
  });

  it("are never given to another event that is derived at the same place of the input", () => {
    const written = writtenOf([derived("GME", "gates.verdict.v1/0/7", 0)]);
    expect(written.take(TOPIC, 0, derived("AMC", "gates.verdict.v1/0/7", 0))).toBeUndefined();
  });

  it("are given to an event that is derived at another record, as its topics are read anew", () => {
    const written = writtenOf([derived("GME", "gates.verdict.v1/0/7", 0)]);
    expect(written.take(TOPIC, 0, derived("GME", "signals.features.v1/0/3", 2))).toBe(40);
  });

  it("are told apart by their stage, and without an event id by their place", () => {
    const source = "gates.verdict.v1/0/7";
    const { ce_id: _, ...nameless } = derived("GME", source, 0);
    const written = writtenOf([derived("GME", source, 0), nameless]);
    const other = { ...derived("GME", source, 0), "amc-stage": "alert-policy" };
    expect(written.take(TOPIC, 0, other)).toBeUndefined();
    expect(written.take(TOPIC, 0, { ...nameless, "amc-source": `${source}#1` })).toBeUndefined();
    expect(written.take(TOPIC, 0, nameless)).toBe(41);
  });

  it("of dead letters are told apart by the record that was refused, whatever its id", () => {
    const letter = (offset: number): Headers => ({
      ce_id: uuidOf("GME"),
      ...{ "dlq-topic": "market.halt.v1", "dlq-partition": "0", "dlq-stage": "features" },
      "dlq-offset": String(offset),
    });
    const written = writtenOf([letter(3)]);
    expect(written.take(TOPIC, 0, letter(4))).toBeUndefined();
    expect(written.take(TOPIC, 0, letter(3))).toBe(40);
  });
});
