import { setTimeout } from "node:timers/promises";
import type { FactSlice } from "@amc/replay/slices";
import { percentile } from "../statistics.ts";
import type { Measured, Scale, Workload } from "../workload.ts";
import { FEATURES_OF, untilRow } from "../workloads/latency.ts";
import { type Chain, chainMarket, onChain, warmUp } from "./market.ts";

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
    metrics: { rowP50: { unit: "ms" }, rowP99: { unit: "ms", ...aim } },
    run: (scale) => onChain((chain) => measureRows(chain, scale, ticksPerSecond)),
  };
}

export const KAFKA_ROW_LATENCIES: readonly Workload[] = [
  latency(100, {}),
  latency(1_000, { atMost: 100 }),
];

/** From handing over the tick that closes a slice to a query that sees its last row. */
async function measureRows(chain: Chain, scale: Scale, ticksPerSecond: number): Promise<Measured> {
  const { uncounted, counted } = SIZES[scale];
  const symbols = (ticksPerSecond * SLICE_EVERY_MS) / 1_000;
  const market = chainMarket({ symbols, minutes: uncounted + counted });
  const { feed, first } = await warmUp(chain, market);
  const ms: number[] = [];
  let closedMs = performance.now();
  const play = async (slice: FactSlice): Promise<number> => {
    await feed.writeFacts(slice);
    await setTimeout(Math.max(0, SLICE_EVERY_MS - (performance.now() - closedMs)));
    closedMs = performance.now();
    await feed.close(slice);
    // Features of a slice are committed in the order of their symbols: the last is the slowest.
    const symbol = slice.facts
      .map(({ append }) => append.key ?? "")
      .toSorted()
      .at(-1);
    return untilRow(chain.database.api, FEATURES_OF, [symbol, slice.atMs], closedMs);
  };
  ms.push(await play(first));
  for (const slice of market) ms.push(await play(slice));
  const sorted = ms.slice(uncounted).toSorted((a, b) => a - b);
  return {
    values: { rowP50: percentile(sorted, 0.5), rowP99: percentile(sorted, 0.99) },
    facts: { symbols, slices: sorted.length, everyMs: SLICE_EVERY_MS },
  };
}
