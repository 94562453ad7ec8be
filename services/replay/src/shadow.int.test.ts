import { createMemoryLog } from "@amc/platform/log/memory";
import type { Log } from "@amc/platform/log/port";
import { decodeRecord } from "@amc/platform/runtime/decode-record";
import { systemLayout } from "@amc/platform/runtime/layout";
import { StageRunner } from "@amc/platform/runtime/stage-runner";
import type { Run, ShadowRun } from "@amc/schemas/generated/events";
import { createVerdictStage } from "@amc/streams/gates/verdict-stage";
import type { Subtopology } from "@amc/streams/kernel/stage";
import { DEFAULT_SCORING, type ScoringConfig } from "@amc/streams/scoring/config";
import { STRATEGIES } from "@amc/streams/scoring/strategies/registry";
import { beforeAll, describe, expect, it } from "vitest";
import { recordsOf } from "./log-digests.ts";
import { replayTopology } from "./replay-topologies.ts";
import { simulatedMarket } from "./simulated-market.ts";
import { writeSlices } from "./slice-writer.ts";
import type { FactSlice } from "./slices.ts";
import { EXPERIMENT, planBetween, withDecisions } from "./testing/with-experiments.ts";
import { verifyDeterminism } from "./verify.ts";

/** A slot a minute by wide gates, so that 45 minutes hold enough candidates to compare. */
const OFF: ScoringConfig = {
  ...DEFAULT_SCORING,
  profile: "active",
  slots: { ...DEFAULT_SCORING.slots, everyMinutes: 1 },
};
const SHADOWED: ScoringConfig = { ...OFF, shadow: "legacy_v0" };
const SHADOW_TOPICS: readonly string[] = ["ops.shadow-slot.v1", "discovery.shadow-run.v1"];

const market = (symbols: number): FactSlice[] => [
  ...simulatedMarket({ symbols, warmupSessions: 105, sessions: 1, minutes: 45, seed: 23 }),
];

/** One whose arms take turns with the runs, the shadow strategy among them. */
function withExperiment(slices: readonly FactSlice[]): FactSlice[] {
  return withDecisions(slices, [
    { slice: 5, setting: EXPERIMENT, value: planBetween(slices, 5, 40) },
  ]);
}

async function processed(
  slices: readonly FactSlice[],
  topology: readonly Subtopology[],
  partitions: number,
): Promise<Log> {
  const log = createMemoryLog(systemLayout(partitions), () => 0);
  await writeSlices(log, slices);
  for (const subtopology of topology) {
    for (let partition = 0; partition < partitions; partition += 1) {
      const runner = await StageRunner.open({ log, subtopology, partition });
      await runner.runUntilIdle();
    }
  }
  return log;
}

/** Everything that lies in a topic: offsets, keys, headers and bytes, by partition. */
async function contentOf(log: Log, topic: string): Promise<string> {
  const lines: string[] = [];
  for await (const { partition, offset, key, headers, value } of recordsOf(log, topic)) {
    const bytes = value === null ? null : Buffer.from(value).toString("base64");
    lines.push(JSON.stringify([partition, offset, key, headers, bytes]));
  }
  return lines.join("\n");
}

/** Topics of the two logs that are not the same to the byte, dead letters among them. */
async function differingTopics(a: Log, b: Log): Promise<string[]> {
  const differing: string[] = [];
  for (const { topic } of systemLayout(1)) {
    // How long stages took: measured, and different each time.
    if (topic === "ops.stage-timing.v1") continue;
    if ((await contentOf(a, topic)) !== (await contentOf(b, topic))) differing.push(topic);
  }
  return differing.sort();
}

async function runsOf(log: Log): Promise<Run[]> {
  const runs: Run[] = [];
  for await (const record of recordsOf(log, "discovery.run.v1")) {
    const decoded = decodeRecord(record, false);
    if (decoded.ok && decoded.event.topic === "discovery.run.v1") runs.push(decoded.event.value);
  }
  return runs.sort((a, b) => a.slot - b.slot);
}

async function comparisonsOf(log: Log): Promise<ShadowRun[]> {
  const found: ShadowRun[] = [];
  for await (const record of recordsOf(log, "discovery.shadow-run.v1")) {
    const decoded = decodeRecord(record, false);
    if (!decoded.ok || decoded.event.topic !== "discovery.shadow-run.v1") continue;
    found.push(decoded.event.value);
  }
  return found.sort((a, b) => a.slot - b.slot);
}

const namesOf = (candidates: readonly { readonly symbol: string }[]): string[] =>
  candidates.map(({ symbol }) => symbol);

/** A build with a defect: the strategy in force scores less once the shadow strategy has been asked. */
function withLeak(scoring: ScoringConfig): readonly Subtopology[] {
  const { legacy_v0: legacy, unified_detectors: unified } = STRATEGIES;
  let isAsked = false;
  const leaking = createVerdictStage(scoring, {
    ...STRATEGIES,
    legacy_v0: {
      ...legacy,
      evaluate: (input) => {
        isAsked = true;
        return legacy.evaluate(input);
      },
    },
    unified_detectors: {
      ...unified,
      evaluate: (input) => {
        const scored = unified.evaluate(input);
        return isAsked ? { ...scored, confidence: scored.confidence * 0.99 } : scored;
      },
    },
  });
  return replayTopology(scoring).map((subtopology) => ({
    ...subtopology,
    stages: subtopology.stages.map((stage) => (stage.name === "verdict" ? leaking : stage)),
  }));
}

describe("a shadow strategy over a simulated market", () => {
  let slices: FactSlice[];
  let off: Log;
  let shadowed: Log;
  let comparisons: ShadowRun[];

  beforeAll(async () => {
    slices = market(40);
    off = await processed(slices, replayTopology(OFF), 4);
    shadowed = await processed(slices, replayTopology(SHADOWED), 4);
    comparisons = await comparisonsOf(shadowed);
  });

  it.each([1, 4, 12])(
    "leaves every other topic as it is to the byte, on %i partitions (R-ABT-08)",
    async (partitions) => {
      const planned = withExperiment(slices);
      const logs = [OFF, SHADOWED].map((scoring) =>
        processed(planned, replayTopology(scoring), partitions),
      );
      const [without, beside] = await Promise.all(logs);
      if (without === undefined || beside === undefined) throw new TypeError("no logs");
      expect(await differingTopics(without, beside)).toEqual(SHADOW_TOPICS.toSorted());
      for (const topic of ["discovery.candidate.v1", "experiments.result.v1"]) {
        expect(await contentOf(without, topic)).not.toBe("");
      }
    },
  );

  it("is caught where it reaches the strategy in force", async () => {
    const leaking = await processed(slices, withLeak(SHADOWED), 4);
    expect(await differingTopics(off, leaking)).toContain("signals.verdict.v1");
    expect(await differingTopics(off, await processed(slices, withLeak(OFF), 4))).toEqual([]);
  });

  it("gives equal digests in every way of processing it, and for all but its own those without it", async () => {
    const facts = market(20);
    const on = await verifyDeterminism(facts, replayTopology(SHADOWED));
    expect(on.variants.map(({ name, differences }) => [name, differences])).toEqual(
      on.variants.map(({ name }) => [name, []]),
    );
    expect(on.records["discovery.shadow-run.v1"]).toBeGreaterThan(40);
    const without = await verifyDeterminism(facts, replayTopology(OFF));
    const { "discovery.shadow-run.v1": _, ...others } = on.digests;
    expect(without.digests).toMatchObject(others);
    expect(without.records["discovery.shadow-run.v1"]).toBe(0);
  });

  it("compares every run once, with what the run is when the shadow strategy is in force", async () => {
    const runs = await runsOf(shadowed);
    const inForce = await processed(slices, replayTopology({ ...OFF, strategy: "legacy_v0" }), 4);
    const shadowRuns = await runsOf(inForce);
    expect(runs.length).toBeGreaterThan(40);
    expect(comparisons.map(({ runId }) => runId)).toEqual(runs.map(({ runId }) => runId));
    expect(comparisons.map(({ shadowRunId }) => shadowRunId)).toEqual(
      shadowRuns.map(({ runId }) => runId),
    );
    for (const [index, compared] of comparisons.entries()) {
      const [run, shadow] = [runs[index], shadowRuns[index]];
      if (run === undefined || shadow === undefined) throw new TypeError("no run");
      const list = ({ candidates }: Run) =>
        candidates.map(({ symbol, score, confidence, label }) => ({
          ...{ symbol, score, confidence, label },
        }));
      expect(compared.candidates).toEqual(list(run));
      expect(compared.shadowCandidates).toEqual(list(shadow));
      expect(compared.candidatesBeforeCap).toBe(run.candidatesBeforeCap);
      expect(compared.shadowCandidatesBeforeCap).toBe(shadow.candidatesBeforeCap);
      expect([compared.universe, compared.simulated]).toEqual([run.universe, true]);
      expect([compared.publishedAt, compared.capturedAt]).toEqual([
        run.publishedAt,
        run.capturedAt,
      ]);
    }
  });

  it("tells overlap and coverage with their targets, and of nothing neither (R-ABT-10)", () => {
    const reasons = new Set<string | null>();
    for (const { overlap, overlapReason, overlapReached, ...compared } of comparisons) {
      const { candidates, shadowCandidates, coverage, scored, scoredByBoth } = compared;
      reasons.add(overlapReason);
      const others = new Set(namesOf(shadowCandidates));
      const both = namesOf(candidates).filter((symbol) => others.has(symbol)).length;
      const expected = candidates.length === 0 ? null : both / candidates.length;
      expect([overlap, overlapReached]).toEqual([expected, expected && expected >= 0.75]);
      expect(coverage).toBe(scored === 0 ? null : scoredByBoth / scored);
    }
    expect(reasons).toContain("baseline-listed-nothing");
    expect(reasons).toContain(null);
  });

  it("is compared with the arm of each run, and not with itself", async () => {
    const log = await processed(withExperiment(slices), replayTopology(SHADOWED), 4);
    const runs = (await runsOf(log)).filter(({ strategy }) => strategy !== "legacy_v0");
    const compared = await comparisonsOf(log);
    expect(compared.map(({ runId, strategy }) => [runId, strategy])).toEqual(
      runs.map(({ runId, strategy }) => [runId, strategy]),
    );
    expect(new Set(compared.map(({ strategy }) => strategy)).size).toBe(2);
  });
});
