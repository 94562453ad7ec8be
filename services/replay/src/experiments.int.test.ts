import { decodeRecord } from "@amc/platform/runtime/decode-record";
import type { ExperimentResult, Run } from "@amc/schemas/generated/events";
import { runIdOf } from "@amc/streams/discovery/run-id";
import { armOf, bucketOf, trafficSplitOf } from "@amc/streams/experiments/traffic-split";
import { configVersionOf, DEFAULT_SCORING, type ScoringConfig } from "@amc/streams/scoring/config";
import { beforeAll, describe, expect, it } from "vitest";
import { recordsOf } from "./log-digests.ts";
import { replayTopology } from "./replay-topologies.ts";
import { runInMemory } from "./run-topology.ts";
import { simulatedMarket } from "./simulated-market.ts";
import type { FactSlice } from "./slices.ts";
import { EXPERIMENT, planBetween, withDecisions } from "./testing/with-experiments.ts";
import { verifyDeterminism } from "./verify.ts";

/** A slot a minute, so that 45 minutes hold enough runs for every arm. */
const SCORING: ScoringConfig = {
  ...DEFAULT_SCORING,
  slots: { ...DEFAULT_SCORING.slots, everyMinutes: 1 },
};
const MINUTES = 45;
const FROM = 5;
const TO = 40;

const market = (symbols: number): FactSlice[] => [
  ...simulatedMarket({ symbols, warmupSessions: 105, sessions: 1, minutes: MINUTES, seed: 23 }),
];

/** Planned, paused for ten minutes, resumed; its end lies within the day. */
function withExperiment(slices: readonly FactSlice[]): FactSlice[] {
  return withDecisions(slices, [
    { slice: FROM, setting: EXPERIMENT, value: planBetween(slices, FROM, TO) },
    { slice: 15, setting: EXPERIMENT, value: planBetween(slices, FROM, TO, "PAUSED") },
    { slice: 25, setting: EXPERIMENT, value: planBetween(slices, FROM, TO) },
  ]);
}

interface Found {
  readonly runs: readonly Run[];
  readonly results: readonly ExperimentResult[];
}

async function process(slices: readonly FactSlice[], scoring = SCORING): Promise<Found> {
  const log = await runInMemory(slices, replayTopology(scoring));
  const runs: Run[] = [];
  const results: ExperimentResult[] = [];
  for await (const record of recordsOf(log, "discovery.run.v1")) {
    const decoded = decodeRecord(record, false);
    if (decoded.ok && decoded.event.topic === "discovery.run.v1") runs.push(decoded.event.value);
  }
  for await (const record of recordsOf(log, "experiments.result.v1")) {
    const decoded = decodeRecord(record, false);
    if (!decoded.ok || decoded.event.topic !== "experiments.result.v1") continue;
    results.push(decoded.event.value);
  }
  const bySlot = (a: { readonly slot: number }, b: { readonly slot: number }) => a.slot - b.slot;
  return { runs: runs.sort(bySlot), results: results.sort(bySlot) };
}

describe("an experiment over a simulated market", () => {
  let slices: FactSlice[];
  let found: Found;
  let without: Found;

  beforeAll(async () => {
    slices = market(30);
    found = await process(withExperiment(slices));
    without = await process(slices);
  });

  it("gives equal digests in every way of processing it: partitions, batches, order, restarts", async () => {
    const facts = withExperiment(market(40));
    const result = await verifyDeterminism(facts, replayTopology(SCORING));
    expect(result.variants.map(({ name, differences }) => [name, differences])).toEqual(
      result.variants.map(({ name }) => [name, []]),
    );
    expect(result.records["experiments.result.v1"]).toBeGreaterThan(20);
  });

  it("has a result for every run that it exposed, and for no other", () => {
    const discovering = slices.filter(({ discovery }) => discovery);
    const at = (index: number): number => discovering[index]?.atMs ?? 0;
    const isExposed = ({ slot }: Run): boolean =>
      slot >= at(FROM) && slot < at(TO) && !(slot >= at(15) && slot < at(25));
    const exposed = found.runs.filter(isExposed);
    expect(exposed.length).toBeGreaterThan(20);
    expect(found.results.map(({ runId }) => runId)).toEqual(exposed.map(({ runId }) => runId));
    expect(new Set(found.results.map(({ strategy }) => strategy)).size).toBe(3);
    for (const [index, result] of found.results.entries()) {
      expect(result.strategy).toBe(exposed[index]?.strategy);
      expect(result.candidates).toBe(exposed[index]?.candidatesBeforeCap);
    }
  });

  it("chooses the arm that the run it replaces falls into", () => {
    const split = trafficSplitOf([
      ["hybrid_v1", 30],
      ["legacy_v0", 30],
      ["unified_detectors", 40],
    ]);
    const { strategy, profile } = SCORING;
    const configVersion = configVersionOf(SCORING);
    for (const { slot, trigger, bucket, strategy: arm } of found.results) {
      const subject = runIdOf({ strategy, profile, configVersion, slot, trigger });
      expect(bucketOf(subject, "rollout")).toBe(bucket);
      expect(armOf(bucket, split ?? [])).toBe(arm);
    }
  });

  it("leaves every run outside it as it is without an experiment, and those of the arm in force too", () => {
    expect(without.results).toEqual([]);
    const exposed = new Set(
      found.results.filter(({ strategy }) => strategy !== SCORING.strategy).map(({ slot }) => slot),
    );
    const untouched = (runs: readonly Run[]) => runs.filter(({ slot }) => !exposed.has(slot));
    expect(untouched(found.runs)).toEqual(untouched(without.runs));
    expect(found.runs.length).toBe(without.runs.length);
  });

  it("exposes nothing while experiments are off: the runs are those without it (R-ABT-11)", async () => {
    const off = await process(withExperiment(slices), { ...SCORING, experiments: false });
    expect(off).toEqual(without);
    const rollback = { slice: FROM, setting: "experiments", value: "false" };
    expect(await process(withDecisions(withExperiment(slices), [rollback]))).toEqual(without);
  });
});
