import { nextOffset } from "@amc/platform/log/next-offset";
import type { Log } from "@amc/platform/log/port";
import { systemLayout } from "@amc/platform/runtime/layout";
import { replayTopology } from "@amc/replay/replay-topologies";
import { runInMemory } from "@amc/replay/run-topology";
import { simulatedMarket } from "@amc/replay/simulated-market";
import { withDatabase } from "../own-database.ts";
import { perSecond } from "../stopwatch.ts";
import type { Measured, Scale, Workload } from "../workload.ts";
import {
  decodedRate,
  PROJECTED_MARKET,
  project,
  projectAndCompare,
} from "../workloads/projection.ts";
import { onOwnTopics } from "./brokers.ts";

const READ = { maxRecords: 10_000, maxBytes: 8 * 1_048_576 };

export const KAFKA_PROJECTION: Workload = {
  name: "kafka-projection",
  summary:
    "a simulated session projected from Kafka, anew and after another; the same rows decoded beforehand; bare upserts of narrow rows",
  simulated: true,
  metrics: {
    rowsPerSecond: { unit: "rows/s" },
    rowsPerCpuSecond: { unit: "rows/CPU s" },
    firstRowsPerSecond: { unit: "rows/s" },
    decodedRowsPerSecond: { unit: "rows/s" },
    shareOfDecoded: { unit: "%" },
    rawUpsertsPerSecond: { unit: "rows/s" },
    shareOfRaw: { unit: "%", atLeast: 70 },
  },
  run: measureProjection,
};

async function measureProjection(scale: Scale): Promise<Measured> {
  const market = simulatedMarket(PROJECTED_MARKET(scale));
  const topology = replayTopology();
  const inMemory = await runInMemory(market, topology);
  return onOwnTopics(systemLayout(1), topology, async ({ open }) => {
    const log = await open("deduplicated");
    await copy(inMemory, log);
    // A projector runs for days: what counts is not the minute in which its code is compiled.
    const first = await withDatabase((database) => project(log, database));
    const { rows, records, elapsedMs, cpuMs, raw } = await withDatabase((database) =>
      projectAndCompare(log, database),
    );
    const decoded = await decodedRate(log, rows);
    const rowsPerSecond = perSecond(rows, elapsedMs);
    return {
      values: {
        rowsPerSecond,
        rowsPerCpuSecond: perSecond(rows, cpuMs),
        firstRowsPerSecond: perSecond(rows, first.elapsedMs),
        decodedRowsPerSecond: decoded,
        shareOfDecoded: (100 * rowsPerSecond) / decoded,
        rawUpsertsPerSecond: raw,
        shareOfRaw: (100 * rowsPerSecond) / raw,
      },
      facts: { rows, records },
    };
  });
}

/** Everything on the first partitions of one log to another. */
async function copy(from: Log, to: Log): Promise<void> {
  for (const { topic } of from.topics()) {
    for (let next = 0; ; ) {
      const records = await from.read(topic, 0, next, READ);
      if (records.length === 0) break;
      await to.commit({
        appends: records.map(({ key, value, headers }) => ({
          ...{ topic, partition: 0, key, value, headers },
        })),
      });
      next = nextOffset(records, next);
    }
  }
}
