import { createMemoryLog } from "@amc/platform/log/memory";
import { decodeRecord } from "@amc/platform/runtime/decode-record";
import { systemLayout } from "@amc/platform/runtime/layout";
import type { Features, Run } from "@amc/schemas/generated/events";
import { leftOutOf } from "@amc/streams/discovery/run";
import { DEFAULT_SCORING, type ScoringConfig } from "@amc/streams/scoring/config";
import { dailyDollarVolume, isLeftOut } from "@amc/streams/universe/universe";
import { beforeAll, describe, expect, it } from "vitest";
import { recordsOf } from "./log-digests.ts";
import { replayTopology } from "./replay-topologies.ts";
import { runInMemory } from "./run-topology.ts";
import { simulatedMarket } from "./simulated-market.ts";
import type { FactSlice } from "./slices.ts";
import { type PlannedAt, withDecisions } from "./testing/with-experiments.ts";
import { verifyDeterminism } from "./verify.ts";
import type { Way } from "./verify-ways.ts";

const SYMBOLS = 16;
const MINUTES = 24;
/** A slot a minute, by thresholds that let some symbols pass. */
const SCORING: ScoringConfig = {
  ...DEFAULT_SCORING,
  profile: "proposed",
  slots: { ...DEFAULT_SCORING.slots, everyMinutes: 1 },
};
const [REDUCED_AT, FURTHER_AT, RESTORED_AT] = [6, 12, 18];
/** Nearly twenty ways of processing, one after the other, on a machine that does other things too. */
const WAYS_MS = 180_000;
/** Some symbols of the market trade less and some more, in USD a day. */
const FLOOR = 30_000_000;
const HIGHER_FLOOR = 90_000_000;

const DECISIONS: readonly PlannedAt[] = [
  { slice: REDUCED_AT, setting: "universe", value: `${FLOOR}` },
  { slice: FURTHER_AT, setting: "universe", value: `${HIGHER_FLOOR} keep SIM0000,SIM0001` },
  { slice: RESTORED_AT, setting: "universe", value: "all" },
];

const market = (): FactSlice[] => [
  ...simulatedMarket({
    ...{ symbols: SYMBOLS, warmupSessions: 105, sessions: 1 },
    ...{ minutes: MINUTES, seed: 23 },
  }),
];

interface Found {
  readonly runs: readonly Run[];
  /** Of slots. */
  readonly features: readonly Features[];
}

async function process(slices: readonly FactSlice[]): Promise<Found> {
  const log = await runInMemory(slices, replayTopology(SCORING));
  const runs: Run[] = [];
  const features: Features[] = [];
  for await (const record of recordsOf(log, "discovery.run.v1")) {
    const decoded = decodeRecord(record, false);
    if (decoded.ok && decoded.event.topic === "discovery.run.v1") runs.push(decoded.event.value);
  }
  for await (const record of recordsOf(log, "signals.features.v1")) {
    const decoded = decodeRecord(record, false);
    if (!decoded.ok || decoded.event.topic !== "signals.features.v1") continue;
    if (decoded.event.value.slot !== null) features.push(decoded.event.value);
  }
  return { runs: runs.sort((a, b) => a.slot - b.slot), features };
}

/** The numbers of partitions up to 12 that are not among the usual ways. */
const PARTITIONED: readonly Way[] = [2, 5, 6, 7, 8, 9, 10, 11].map((count) => ({
  name: `memory, ${count} partitions`,
  partitions: count,
  makeStore: async (partitions) => ({
    open: async () => createMemoryLog(systemLayout(partitions), () => 0),
    remove: async () => undefined,
  }),
}));

describe("a universe that is reduced, reduced further and restored", () => {
  let slices: FactSlice[];
  let found: Found;
  let whole: Found;

  beforeAll(async () => {
    slices = market();
    found = await process(withDecisions(slices, DECISIONS));
    whole = await process(slices);
  });

  it(
    "gives equal digests in every way of processing it, with 1 to 12 partitions",
    async () => {
      const decided = withDecisions(slices, DECISIONS);
      const topology = replayTopology(SCORING);
      const { variants } = await verifyDeterminism(decided, topology, { moreWays: PARTITIONED });
      expect(variants.filter(({ differences }) => differences.length > 0)).toEqual([]);
    },
    WAYS_MS,
  );

  it("leaves out the symbols below the floor in force, and counts each of them in its run", () => {
    expect(found.runs.map(({ slot }) => slot)).toEqual(whole.runs.map(({ slot }) => slot));
    for (const [index, run] of found.runs.entries()) {
      const asked = found.features.filter(({ slot }) => slot === run.slot);
      const out = asked.filter(isLeftOut);
      const floor = index < REDUCED_AT ? 0 : index < FURTHER_AT ? FLOOR : HIGHER_FLOOR;
      const below = asked.filter((each) => (dailyDollarVolume(each) ?? 0) < floor);
      const kept = index < FURTHER_AT ? [] : ["SIM0000", "SIM0001"];
      const expected = below.map(({ symbol }) => symbol).filter((each) => !kept.includes(each));
      const isReduced = index >= REDUCED_AT && index < RESTORED_AT;
      expect(out.map(({ symbol }) => symbol)).toEqual(isReduced ? expected : []);
      expect([run.universe + leftOutOf(run), leftOutOf(run)]).toEqual([SYMBOLS, out.length]);
      expect(run.healthMessages.some((text) => text.startsWith("universe reduced"))).toBe(
        isReduced,
      );
    }
    const leftOut = found.runs.map(leftOutOf);
    expect(leftOut[REDUCED_AT]).toBeGreaterThan(0);
    expect(leftOut[FURTHER_AT]).toBeGreaterThan(leftOut[REDUCED_AT] ?? 0);
    expect(leftOut[FURTHER_AT]).toBeLessThan(SYMBOLS - 2);
  });

  it("changes nothing before and after it, and no figure of what it still evaluates", () => {
    const outside = ({ runs }: Found) => [...runs.slice(0, REDUCED_AT), ...runs.slice(RESTORED_AT)];
    expect(outside(found)).toEqual(outside(whole));
    const evaluated = found.features.filter((each) => !isLeftOut(each));
    const names = new Set(evaluated.map(({ symbol, slot }) => `${symbol}/${slot}`));
    expect(evaluated).toEqual(
      whole.features.filter(({ symbol, slot }) => names.has(`${symbol}/${slot}`)),
    );
  });
});
