import { partitionOf } from "@amc/platform/log/partitioner";
import type { Log } from "@amc/platform/log/port";
import { describe, expect, it } from "vitest";
import { memoryLog } from "../testing/api-under-test.ts";
import { story } from "../testing/story.ts";
import { writeStory } from "../testing/story-log.ts";
import { FactLocator } from "./fact-locator.ts";

async function idAt(
  log: Log,
  { topic, partition, offset }: { topic: string; partition: number; offset: number },
) {
  const [record] = await log.read(topic, partition, offset, { maxRecords: 1, maxBytes: 1e6 });
  return record?.headers.ce_id;
}

function firstEvidence() {
  const features = story().evaluations[0]?.features.event;
  const [input] = features?.inputs ?? [];
  if (features === undefined || input === undefined) throw new Error("the story has inputs");
  return { features, input };
}

describe("the fact locator", () => {
  it.each([1, 3])(
    "finds the first and last fact of every input with %i partitions",
    async (partitions) => {
      const log = memoryLog(partitions);
      const { evaluations } = story();
      await writeStory(log, story());
      const locator = new FactLocator(log);
      for (const { features } of evaluations) {
        for (const input of features.event.inputs) {
          const { first, last } = await locator.input(features.event, input);
          if (first === null || last === null) throw new Error(`${input.role} was not found`);
          expect(await idAt(log, first)).toBe(input.firstId);
          expect(await idAt(log, last)).toBe(input.lastId);
          expect(last.partition).toBe(partitionOf(features.event.symbol, partitions));
        }
      }
    },
  );

  it("finds a fact that came after the tick of its time", async () => {
    const log = memoryLog(1);
    await writeStory(log, story());
    const { features, input } = firstEvidence();
    const claimsEarlier = { ...input, publishedAt: input.publishedAt - 3_600_000 };
    const { last } = await new FactLocator(log).input(features, claimsEarlier);
    expect(last).not.toBeNull();
  });

  it("answers null for what is not in the log, and for a topic that is none of ours", async () => {
    const log = memoryLog(1);
    await writeStory(log, story());
    const { features, input } = firstEvidence();
    const unknown = "00000000-0000-8000-8000-0000000000ff";
    const locator = new FactLocator(log);
    const absent = await locator.input(features, {
      ...input,
      firstId: unknown,
      lastId: unknown,
    });
    expect(absent).toEqual({ first: null, last: null });
    const foreign = await locator.input(features, { ...input, topic: "someone.else" });
    expect(foreign).toEqual({ first: null, last: null });
  });
});
