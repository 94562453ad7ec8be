import type { Candidate, GateCount, SlotClosed, Verdict } from "@amc/schemas/generated/events";
import type { FiredSlot } from "../discovery/slots.ts";
import { GATE_NAMES } from "./hard-gates.ts";
import type { SlotRules } from "./slot-rules.ts";

/** What one partition found in one slot; order of the verdicts does not matter. */
export interface SlotTally {
  universe: number;
  evaluable: number;
  priceVolumePassed: number;
  passed: number;
  listed: number;
  /** Symbols without a verdict, because the universe was reduced. */
  readonly leftOut: Set<string>;
  readonly firstFailures: Map<string, number>;
  readonly allFailures: Map<string, number>;
  /** Of a partition without symbols the tick itself; readers leave it out of maxima. */
  publishedAt: number | null;
  capturedAt: number | null;
  simulated: boolean;
}

export function newTally(): SlotTally {
  return {
    universe: 0,
    evaluable: 0,
    priceVolumePassed: 0,
    passed: 0,
    listed: 0,
    leftOut: new Set(),
    firstFailures: new Map(),
    allFailures: new Map(),
    publishedAt: null,
    capturedAt: null,
    simulated: false,
  };
}

export function tallyVerdict(tally: SlotTally, verdict: Verdict, listed: boolean): void {
  tally.universe += 1;
  if (verdict.evaluable) tally.evaluable += 1;
  if (verdict.priceVolumePassed) tally.priceVolumePassed += 1;
  if (verdict.passed) tally.passed += 1;
  if (verdict.passed && listed) tally.listed += 1;
  for (const { gate, outcome } of verdict.gates) {
    if (outcome !== "FAILED") continue;
    increment(tally.allFailures, gate);
    if (gate === verdict.firstFailure) increment(tally.firstFailures, gate);
  }
  tally.publishedAt = Math.max(tally.publishedAt ?? verdict.publishedAt, verdict.publishedAt);
  tally.capturedAt = Math.max(tally.capturedAt ?? verdict.capturedAt, verdict.capturedAt);
  tally.simulated ||= verdict.simulated;
}

interface ClosingPartition {
  readonly partition: number;
  readonly partitions: number;
}

/** The marker that this partition has given all its verdicts for the slot. */
export function slotClosedOf(
  tally: SlotTally,
  fired: FiredSlot,
  tickMs: number,
  { config, version, exposure }: SlotRules,
  { partition, partitions }: ClosingPartition,
  session: SlotClosed["session"],
): SlotClosed {
  return {
    ...fired,
    happenedAt: tickMs,
    session,
    strategy: config.strategy,
    profile: config.profile,
    preset: config.preset,
    configVersion: version,
    partition,
    partitions,
    universe: tally.universe,
    evaluable: tally.evaluable,
    priceVolumePassed: tally.priceVolumePassed,
    passed: tally.passed,
    listed: tally.listed,
    eliminations: GATE_NAMES.map(
      (gate): GateCount => ({
        gate,
        first: tally.firstFailures.get(gate) ?? 0,
        all: tally.allFailures.get(gate) ?? 0,
      }),
    ),
    publishedAt: tally.publishedAt ?? tickMs,
    capturedAt: tally.capturedAt ?? tickMs,
    simulated: tally.simulated,
    experiment: exposure,
    reduction:
      config.universe.floorUsd === 0
        ? null
        : { floorUsd: config.universe.floorUsd, leftOut: tally.leftOut.size },
  };
}

/** A verdict that passed every hard gate, as the discovery stage takes it. */
export function candidateOf(
  verdictId: string,
  verdict: Verdict,
  slot: FiredSlot,
  squeeze: { readonly label: string | null; readonly score: number | null },
  listed: boolean,
): Candidate {
  const { symbol, happenedAt, publishedAt, capturedAt, simulated, session } = verdict;
  const { strategy, profile, preset, configVersion, featuresId } = verdict;
  const { score, confidence, label, price, reasons, contributions } = verdict;
  const { sharesShort, shortFraction, daysToCover, shortPublishedAt, volumeSpike } = verdict;
  const { shortInterestQuality } = verdict;
  return {
    ...slot,
    symbol,
    happenedAt,
    publishedAt,
    capturedAt,
    simulated,
    session,
    strategy,
    profile,
    preset,
    configVersion,
    verdictId,
    featuresId,
    score,
    confidence,
    listed,
    label,
    price,
    reasons,
    contributions,
    sharesShort,
    shortFraction,
    daysToCover,
    shortPublishedAt,
    shortInterestQuality,
    volumeSpike,
    squeezeLabel: squeeze.label,
    squeezeScore: squeeze.score,
  };
}

function increment(counts: Map<string, number>, gate: string): void {
  counts.set(gate, (counts.get(gate) ?? 0) + 1);
}
