import { createMemoryLog } from "@amc/platform/log/memory";
import type { Log } from "@amc/platform/log/port";
import { systemLayout } from "@amc/platform/runtime/layout";
import type { Subtopology } from "@amc/streams/kernel/stage";
import { describe, expect, it } from "vitest";
import { PartitionLoop, type ProcessorFailure } from "./partition-loop.ts";

const IDLE: Subtopology = {
  name: "idle",
  timed: false,
  stages: [
    {
      ...{ name: "idle", version: 1, inputs: ["ops.control.v1"], outputs: [] },
      init: () => ({ stores: [], step: () => ({ type: "done" }) }),
    },
  ],
};

describe("a partition that is let go while it is taken over", () => {
  it("is not taken from who has it now, and that is no failure", async () => {
    const log = createMemoryLog(systemLayout(1), () => 0);
    const acquire = log.acquire.bind(log);
    const holder = await acquire(IDLE.name, 0);
    const stop = new AbortController();
    const late = Object.assign(log, {
      acquire: (...of: Parameters<Log["acquire"]>) => {
        stop.abort();
        return acquire(...of);
      },
    });
    const failures: ProcessorFailure[] = [];
    const loop = new PartitionLoop({
      ...{ log: late, subtopology: IDLE, partition: 0 },
      onFailure: (failure) => failures.push(failure),
    });
    await loop.run(stop.signal);
    expect(loop.isOpen).toBe(false);
    expect(failures).toEqual([]);
    // Its lease is in force.
    await log.commit({ appends: [], lease: holder });
  });
});
