import { setTimeout } from "node:timers/promises";
import { partitionOf } from "@amc/platform/log/partitioner";
import type { FactSlice } from "@amc/replay/slices";
import { percentile } from "../statistics.ts";
import type { Measured, Scale, Workload } from "../workload.ts";
import { FEATURES_OF, untilRow } from "../workloads/latency.ts";
import { type Chain, chainMarket, onChain, PARTITIONS, warmUp } from "./market.ts";

/** Real time between two slices of a market minute. */
const SLICE_EVERY_MS = 200;
const SIZES: Readonly<Record<Scale, { uncounted: number; counted: number }>> = {
  small: { uncounted: 20, counted: 30 },
  full: { uncounted: 60, counted: 300 },
};

function latency(ticksPerSecond: number, aim: { readonly atMost?: number }): Workload {
  return {
    name: `kafka-row-latency-${ticksPerSecond}`,
    summary: `slice closed to row visible through all processes, ${ticksPerSecond} ticks/s`,
    simulated: true,
    metrics: {
      rowP50: { unit: "ms" },
      rowP99: { unit: "ms", ...aim },
      lastRowP50: { unit: "ms" },
      lastRowP99: { unit: "ms" },
    },
    run: (scale) => onChain((chain) => measureRows(chain, scale, ticksPerSecond)),
  };
}

export const KAFKA_ROW_LATENCIES: readonly Workload[] = [
  latency(100, {}),
  latency(1_000, { atMost: 100 }),
];

/** Whether rows of all these symbols have come as far as a slice. */
const FEATURES_OF_ALL = {
  name: "bench-features-of-all",
  text: `SELECT 1 FROM features_latest WHERE symbol = ANY ($1)
    AND happened_at >= to_timestamp($2 / 1000.0) HAVING count(*) = cardinality($1)`,
};

/**
 * From handing over the tick that closes a slice to a query that sees its row of the last symbol, and to
 * one that sees the last row of every partition.
 */
async function measureRows(chain: Chain, scale: Scale, ticksPerSecond: number): Promise<Measured> {
  const { uncounted, counted } = SIZES[scale];
  const symbols = (ticksPerSecond * SLICE_EVERY_MS) / 1_000;
  const market = chainMarket({ symbols, minutes: uncounted + counted });
  const { feed, first } = await warmUp(chain, market);
  const rows: number[] = [];
  const lastRows: number[] = [];
  let closedMs = performance.now();
  const play = async (slice: FactSlice): Promise<void> => {
    await feed.writeFacts(slice);
    await setTimeout(Math.max(0, SLICE_EVERY_MS - (performance.now() - closedMs)));
    closedMs = performance.now();
    await feed.close(slice);
    const { api } = chain.database;
    const lastSymbols = lastOfEachPartition(slice);
    rows.push(await untilRow(api, FEATURES_OF, [lastSymbols.at(-1), slice.atMs], closedMs));
    lastRows.push(await untilRow(api, FEATURES_OF_ALL, [lastSymbols, slice.atMs], closedMs));
  };
  await play(first);
  for (const slice of market) await play(slice);
  const row = counts(rows, uncounted);
  const lastRow = counts(lastRows, uncounted);
  return {
    values: {
      rowP50: percentile(row, 0.5),
      rowP99: percentile(row, 0.99),
      lastRowP50: percentile(lastRow, 0.5),
      lastRowP99: percentile(lastRow, 0.99),
    },
    facts: { symbols, slices: row.length, everyMs: SLICE_EVERY_MS },
  };
}

/** What counts of the times, ascending. */
function counts(ms: readonly number[], uncounted: number): readonly number[] {
  return ms.slice(uncounted).toSorted((a, b) => a - b);
}

/** Features of a slice are committed in the order of their symbols: the last of a partition is the slowest. */
function lastOfEachPartition({ facts }: FactSlice): readonly string[] {
  const last = new Map<number, string>();
  for (const symbol of facts.map(({ append }) => append.key ?? "").toSorted()) {
    last.set(partitionOf(symbol, PARTITIONS), symbol);
  }
  return [...last.values()].toSorted();
}
