import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createMemoryLog } from "@amc/platform/log/memory";
import type { Log, StateChange } from "@amc/platform/log/port";
import { systemLayout } from "@amc/platform/runtime/layout";
import { StageRunner } from "@amc/platform/runtime/stage-runner";
import type { Measured, Scale, Workload } from "../workload.ts";
import { processedMarket } from "./market-partition.ts";

/** As many sessions as a window holds, then trades until the memory of seen facts is full, too. */
const FULL = { warmupSessions: 250, minutes: 30 };
const PROCESSED_SYMBOLS: Readonly<Record<Scale, number>> = { small: 50, full: 500 };
const COPIES: Readonly<Record<Scale, readonly [number, number]>> = { small: [1, 4], full: [4, 16] };
const BYTES_MAX = 25 * 1024;

export const STATE_SIZE: Workload = {
  name: "state-size",
  summary:
    "bytes of state per symbol with a full window, stored and in memory, 2,000 and 8,000 symbols",
  simulated: true,
  metrics: {
    storedBytes: { unit: "bytes", atMost: BYTES_MAX },
    memoryAt2000: { unit: "bytes", atMost: BYTES_MAX },
    memoryAt8000: { unit: "bytes", atMost: BYTES_MAX },
  },
  run: measureState,
};

async function measureState(scale: Scale): Promise<Measured> {
  const symbols = PROCESSED_SYMBOLS[scale];
  const job = { symbols, ticks: "trades", slotMinutes: 15, partition: 0, partitions: 1 } as const;
  const { log, subtopology } = await processedMarket({ ...job, ...FULL });
  const changes: StateChange[] = [];
  for await (const change of log.state(subtopology.name, 0)) changes.push(change);
  const stored = changes.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
  const [few, many] = COPIES[scale];
  const memoryOf = async (copies: number): Promise<number> => {
    const copied = await logWithCopies(changes, subtopology.name, copies);
    const before = memoryInUse();
    const runner = await StageRunner.open({ log: copied, subtopology, partition: 0 });
    const bytes = memoryInUse() - before;
    // Named after the measurement, so that it was not collected before.
    return Math.round(bytes / (symbols * copies + runner.counts.applied));
  };
  return {
    values: {
      storedBytes: Math.round(stored / symbols),
      memoryAt2000: await memoryOf(few),
      memoryAt8000: await memoryOf(many),
    },
    facts: { processed: symbols, symbols: `${symbols * few} and ${symbols * many}` },
  };
}

/** The same symbols again under other names: what one of them weighs does not depend on its past. */
async function logWithCopies(
  changes: readonly StateChange[],
  group: string,
  copies: number,
): Promise<Log> {
  const log = createMemoryLog(systemLayout(1), () => 0);
  const lease = await log.acquire(group, 0);
  for (let copy = 0; copy < copies; copy += 1) {
    const state = changes.map((change) => ({
      ...change,
      key: change.key.replace(/^SIM/, `S${copy.toString(16).toUpperCase()}M`),
    }));
    await log.commit({ appends: [], lease, positions: [], state });
  }
  return log;
}

/** Bytes of live objects and array buffers after a full collection. */
function memoryInUse(): number {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect !== "function") throw new TypeError("this runtime has no collector to call");
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
