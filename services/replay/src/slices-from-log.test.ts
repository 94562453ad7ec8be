import { createMemoryLog } from "@amc/platform/log/memory";
import type { Log } from "@amc/platform/log/port";
import { readPartition } from "@amc/platform/log/read-partition";
import { systemLayout } from "@amc/platform/runtime/layout";
import { describe, expect, it } from "vitest";
import { simulatedMarket } from "./simulated-market.ts";
import { writeSlices } from "./slice-writer.ts";
import { slicesFromLog } from "./slices-from-log.ts";

const CLOCK = "ops.clock.v1";
const MARKET = { symbols: 5, warmupSessions: 2, sessions: 1, minutes: 5, seed: 3 };
const PARTITIONS = 2;

async function playedLog(): Promise<Log> {
  const log = createMemoryLog(systemLayout(PARTITIONS), () => 0);
  await writeSlices(log, simulatedMarket(MARKET));
  return log;
}

/** What a request leaves behind that is sent again after its writer's successor has played on. */
async function copyFirstTick(log: Log, partition: number): Promise<void> {
  for await (const { key, value, headers } of readPartition(log, CLOCK, partition, {
    maxRecords: 1,
    maxBytes: 1024 * 1024,
  })) {
    await log.commit({ appends: [{ topic: CLOCK, partition, key, value, headers }] });
    return;
  }
}

describe("the slices of a log", () => {
  it.each([0, 1])("are the same with a late copy of a tick in partition %i", async (partition) => {
    const log = await playedLog();
    const slices = await slicesFromLog(log);
    expect(slices.length).toBeGreaterThan(1);
    await copyFirstTick(log, partition);
    expect(await slicesFromLog(log)).toEqual(slices);
  });
});
