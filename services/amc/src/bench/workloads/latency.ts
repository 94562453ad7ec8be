import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { loadConfig } from "@amc/platform/config/load-config";
import { simulatedMarket } from "@amc/replay/simulated-market";
import type { FactSlice } from "@amc/replay/slices";
import { DEFAULT_SCORING } from "@amc/streams/scoring/config";
import type { Pool } from "pg";
import { openSystem, type System } from "../../system.ts";
import { SliceFeed } from "../slice-feed.ts";
import { percentile } from "../statistics.ts";
import type { Measured, Scale, Workload } from "../workload.ts";

/** Real time between two slices of a market minute. */
const SLICE_EVERY_MS = 200;
/** Event-time minutes between slots: every fifth slice, so one slot a second. */
const SLOT_MINUTES = 5;
const SIZES: Readonly<Record<Scale, { symbols: number; minutes: number }>> = {
  small: { symbols: 50, minutes: 40 },
  full: { symbols: 200, minutes: 300 },
};
const WARM_UP_SESSIONS = 105;
/** Slices at the start of the day that are not counted: the first of each path is compiled. */
const UNCOUNTED = 20;
const GIVE_UP_MS = 30_000;

export const LATENCY: Workload = {
  name: "latency",
  summary:
    "whole system in one process (file log, stages, projector, PostgreSQL), 5 slices a second",
  simulated: true,
  metrics: {
    featuresVisibleP50: { unit: "ms" },
    featuresVisibleP99: { unit: "ms", atMost: 20 },
    runVisibleP50: { unit: "ms" },
    runVisibleP99: { unit: "ms", atMost: 20 },
    recommendationVisibleP50: { unit: "ms" },
    recommendationVisibleP99: { unit: "ms", atMost: 20 },
  },
  run: measureLatency,
};

async function measureLatency(scale: Scale): Promise<Measured> {
  const directory = mkdtempSync(join(tmpdir(), "amc-bench-"));
  const variables = { ...loadConfig({}), PORT: 0, LOG_LEVEL: "error" as const };
  const slots = { ...DEFAULT_SCORING.slots, everyMinutes: SLOT_MINUTES };
  const system = await openSystem({
    variables,
    dataDirectory: directory,
    scoring: { ...DEFAULT_SCORING, slots },
    configuredUniverse: null,
    showAlert: () => undefined,
  });
  try {
    return await playDay(system, scale);
  } finally {
    await system.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Times from the moment the tick of a slice is handed to the log to the moment a query sees its rows. */
interface Times {
  readonly features: number[];
  readonly runs: number[];
  readonly recommendations: number[];
}

async function playDay(system: System, scale: Scale): Promise<Measured> {
  const { symbols, minutes } = SIZES[scale];
  const feed = new SliceFeed(system.log);
  const times: Times = { features: [], runs: [], recommendations: [] };
  const market = simulatedMarket({
    ...{ symbols, minutes, seed: 20250721 },
    ...{ warmupSessions: WARM_UP_SESSIONS, sessions: 1 },
  });
  let played = 0;
  let closedMs = performance.now();
  for (const slice of market) {
    if (!slice.discovery) {
      await feed.write(slice);
      continue;
    }
    if (played === 0) await waitUntilCaughtUp(system);
    played += 1;
    await feed.writeFacts(slice);
    await setTimeout(Math.max(0, SLICE_EVERY_MS - (performance.now() - closedMs)));
    closedMs = performance.now();
    await feed.close(slice);
    const counted = played > UNCOUNTED ? times : { features: [], runs: [], recommendations: [] };
    await timeVisible(system.database.api, slice, closedMs, counted);
  }
  return { values: figuresOf(times), facts: { symbols, ...countsOf(times) } };
}

async function waitUntilCaughtUp({ processor, projector }: System): Promise<void> {
  while ((await processor.lag()) > 0 || !(await projector.caughtUp())) await setTimeout(20);
}

/** Rows of one symbol at one slice. */
export const FEATURES_OF = {
  name: "bench-features",
  text: "SELECT 1 FROM features_latest WHERE symbol = $1 AND happened_at >= to_timestamp($2 / 1000.0)",
};
const RUN_OF = {
  name: "bench-run",
  text: "SELECT 1 FROM discovery_runs WHERE slot = to_timestamp($1 / 1000.0)",
};
const RECOMMENDATIONS_OF =
  "SELECT 1 FROM recommendations WHERE slot = to_timestamp($1 / 1000.0) LIMIT 1";

async function timeVisible(
  pool: Pool,
  { atMs, facts }: FactSlice,
  closedMs: number,
  times: Times,
): Promise<void> {
  // Features of a slice are committed in the order of their symbols: the last one is the slowest.
  const symbol = facts
    .map(({ append }) => append.key ?? "")
    .toSorted()
    .at(-1);
  const isSlot = atMs % (SLOT_MINUTES * 60_000) === 0;
  const run = isSlot ? untilRow(pool, RUN_OF, [atMs], closedMs) : null;
  times.features.push(await untilRow(pool, FEATURES_OF, [symbol, atMs], closedMs));
  if (run === null) return;
  const visibleMs = await run;
  times.runs.push(visibleMs);
  // A run and its recommendations become visible in one transaction.
  const { rowCount } = await pool.query(RECOMMENDATIONS_OF, [atMs]);
  if (rowCount === 1) times.recommendations.push(visibleMs);
}

/** Asks until the row is there; ms from `startedMs` to the answer. */
export async function untilRow(
  pool: Pool,
  query: { readonly name: string; readonly text: string },
  values: readonly unknown[],
  startedMs: number,
): Promise<number> {
  for (;;) {
    const { rowCount } = await pool.query({ ...query, values: [...values] });
    const elapsedMs = performance.now() - startedMs;
    if (rowCount === 1) return elapsedMs;
    if (elapsedMs > GIVE_UP_MS) throw new Error(`no row after ${GIVE_UP_MS} ms: ${query.text}`);
    await setTimeout(1);
  }
}

function figuresOf(times: Times): Record<string, number> {
  const at = (values: readonly number[], share: number): number =>
    values.length === 0
      ? Number.NaN
      : percentile(
          values.toSorted((a, b) => a - b),
          share,
        );
  return {
    featuresVisibleP50: at(times.features, 0.5),
    featuresVisibleP99: at(times.features, 0.99),
    runVisibleP50: at(times.runs, 0.5),
    runVisibleP99: at(times.runs, 0.99),
    recommendationVisibleP50: at(times.recommendations, 0.5),
    recommendationVisibleP99: at(times.recommendations, 0.99),
  };
}

function countsOf({ features, runs, recommendations }: Times): Record<string, number> {
  return {
    slices: features.length,
    slots: runs.length,
    slotsWithRecommendations: recommendations.length,
  };
}
