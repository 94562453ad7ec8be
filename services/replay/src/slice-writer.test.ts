import { createMemoryLog } from "@amc/platform/log/memory";
import { logWithMarkers } from "@amc/platform/log/testing/log-with-markers";
import { systemLayout } from "@amc/platform/runtime/layout";
import { StageRunner } from "@amc/platform/runtime/stage-runner";
import { describe, expect, it } from "vitest";
import { digestsOf, recordsOf } from "./log-digests.ts";
import { replayTopology } from "./replay-topologies.ts";
import { simulatedMarket } from "./simulated-market.ts";
import { writeSlices } from "./slice-writer.ts";

const MARKET = { symbols: 40, warmupSessions: 105, sessions: 1, minutes: 35, seed: 11 };
const PARTITIONS = 2;

async function processed(withMarkers: boolean) {
  const memory = createMemoryLog(systemLayout(PARTITIONS), () => 0);
  const log = withMarkers ? logWithMarkers(memory) : memory;
  await writeSlices(log, simulatedMarket(MARKET));
  for (const subtopology of replayTopology()) {
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      await (await StageRunner.open({ log, subtopology, partition })).runUntilIdle();
    }
  }
  return log;
}

describe("slices on a log whose commits leave markers between records", () => {
  it("are covered by their ticks to the last fact and give the same bytes", async () => {
    const log = await processed(true);
    const offsets: number[] = [];
    for await (const { partition, offset } of recordsOf(log, "market.price-tick.v1")) {
      if (partition === 0) offsets.push(offset);
    }
    // More than one commit wrote facts, so there are gaps for a cut to miss.
    expect(offsets.at(-1)).toBeGreaterThan(offsets.length - 1);
    expect(await digestsOf(log)).toEqual(await digestsOf(await processed(false)));
  });
});
