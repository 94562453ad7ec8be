import { describe, expect, it } from "vitest";
import { passingTime } from "../testing/passing-time.ts";
import { type Outgoing, toOutgoing } from "./outgoing.ts";
import { untilVisible } from "./until-visible.ts";

function record(topic: string, partition: number): Outgoing {
  return toOutgoing(topic, partition, { key: null, value: null, headers: {} });
}

const RECORDS = [record("facts", 0), record("facts", 0), record("state.signals", 3)];
const OFFSETS = [4, 5, 9];

describe("a transaction that was ended", () => {
  it("is waited for until readers see its last record in every partition", async () => {
    const pacing = passingTime();
    const ends = new Map([
      ["facts/0", [5, 5, 6]],
      ["state.signals/3", [10]],
    ]);
    const endOffset = async (topic: string, partition: number) =>
      ends.get(`${topic}/${partition}`)?.shift() ?? Number.NaN;
    await untilVisible({ endOffset }, RECORDS, OFFSETS, pacing);
    expect([...ends.values()]).toEqual([[], []]);
  });

  it("is waited for while one before it is open whose writer has died", async () => {
    const pacing = passingTime();
    // Kafka ends it after its timeout of 30 s, at a look that it has every 10 s.
    const endOffset = async () => (pacing.nowMs() < 40_000 ? 0 : 100);
    await untilVisible({ endOffset }, RECORDS, OFFSETS, pacing);
    expect(pacing.nowMs()).toBeGreaterThanOrEqual(40_000);
  });

  it("is not acknowledged when readers do not see it in time", async () => {
    const pacing = passingTime();
    const endOffset = async (topic: string) => (topic === "facts" ? 5 : 10);
    await expect(untilVisible({ endOffset }, RECORDS, OFFSETS, pacing)).rejects.toMatchObject({
      code: "log.outcome-unknown",
      facts: { topic: "facts", partition: 0, offset: 5 },
    });
    expect(pacing.nowMs()).toBeLessThan(46_000);
  });
});
