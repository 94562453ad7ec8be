import type {
  Candidate,
  ConfidenceBucket,
  Exposure,
  GateCount,
  RankedCandidate,
  Run,
  SlotClosed,
  StageCount,
  UniverseReduction,
} from "@amc/schemas/generated/events";
import { type ConfiguredUniverse, healthOf } from "./health.ts";
import { byRank } from "./rank.ts";
import { runIdOf } from "./run-id.ts";
import type { SlotState } from "./slot-state.ts";

export interface RunLimits {
  /** Candidates that a run lists. */
  readonly maxCandidates: number;
  /** Symbols that a run should evaluate; null means the whole market. */
  readonly configuredUniverse: ConfiguredUniverse;
}

export interface RankedRun {
  readonly run: Run;
  /** The ranked candidates in full, best first. */
  readonly ranked: readonly Candidate[];
  /** The experiment that every partition judged it under; null without one. */
  readonly exposure: Exposure | null;
  /** How its universe was reduced; null while every symbol is evaluated. */
  readonly reduction: UniverseReduction | null;
}

/**
 * The run of a complete slot: a function of the sets of markers and candidates, whatever the order
 * in which they came and however many partitions they came from.
 */
export function runOf({ closed, candidates }: SlotState, limits: RunLimits): RankedRun | null {
  const [first] = [...closed].sort(byConfigVersion);
  if (first === undefined) return null;
  const listed = candidates.filter(({ listed: isListed }) => isListed).sort(byRank);
  const ranked = listed.slice(0, limits.maxCandidates);
  const { tradingDay, slot, trigger, session, strategy, profile, preset, configVersion } = first;
  const universe = total(closed, ({ universe: count }) => count);
  const counts = {
    universe,
    evaluable: total(closed, ({ evaluable }) => evaluable),
    priceVolumePassed: total(closed, ({ priceVolumePassed }) => priceVolumePassed),
    passed: total(closed, ({ passed }) => passed),
    candidatesBeforeCap: listed.length,
  };
  const reduction = reductionOf(closed);
  const size = { universe, candidates: listed.length, reduction };
  const health = healthOf(size, limits.configuredUniverse);
  const run: Run = {
    runId: runIdOf(first),
    ...inputTimes(closed),
    tradingDay,
    slot,
    trigger,
    session,
    strategy,
    profile,
    preset,
    configVersion,
    ...counts,
    candidates: ranked.map(rankedCandidate),
    eliminations: eliminationsOf(closed),
    stageCounts: [...reductionStage(counts, reduction), ...funnelOf(counts, ranked.length)],
    confidenceBuckets: bucketsOf(listed),
    healthScore: health.score,
    healthStatus: health.status,
    healthMessages: [
      ...health.messages,
      ...fallbackMessages(candidates, strategy),
      ...partitionMessages(closed, first),
    ],
  };
  return { run, ranked, exposure: exposureOf(closed), reduction };
}

function rankedCandidate(candidate: Candidate, index: number): RankedCandidate {
  const { symbol, verdictId, score, confidence, label, price } = candidate;
  return { rank: index + 1, symbol, verdictId, score, confidence, label, price };
}

type Part = Pick<SlotClosed, "configVersion" | "partition">;
type InputTimes = Pick<Run, "happenedAt" | "publishedAt" | "capturedAt" | "simulated">;

/** A partition without symbols knows no inputs: its times must not depend on how many there are. */
export function inputTimes(
  closed: readonly (InputTimes & Pick<SlotClosed, "universe">)[],
): InputTimes {
  const evaluated = closed.filter(({ universe }) => universe > 0);
  const from = evaluated.length === 0 ? closed : evaluated;
  return {
    happenedAt: Math.max(...closed.map((marker) => marker.happenedAt)),
    publishedAt: Math.max(...from.map(({ publishedAt }) => publishedAt)),
    capturedAt: Math.max(...from.map(({ capturedAt }) => capturedAt)),
    simulated: closed.some(({ simulated }) => simulated),
  };
}

function eliminationsOf(closed: readonly SlotClosed[]): GateCount[] {
  const sums = new Map<string, { first: number; all: number }>();
  for (const { eliminations } of closed) {
    for (const { gate, first, all } of eliminations) {
      const sum = sums.get(gate) ?? { first: 0, all: 0 };
      sums.set(gate, { first: sum.first + first, all: sum.all + all });
    }
  }
  return [...sums].map(([gate, sum]) => ({ gate, ...sum }));
}

/** `hard_gates` counts from the universe: on daily bars one of them does not apply. */
function funnelOf(
  counts: Pick<
    Run,
    "universe" | "evaluable" | "priceVolumePassed" | "passed" | "candidatesBeforeCap"
  >,
  ranked: number,
): StageCount[] {
  const { universe, evaluable, priceVolumePassed, passed, candidatesBeforeCap } = counts;
  return [
    { stage: "readiness", in: universe, out: evaluable },
    { stage: "price_volume_gates", in: evaluable, out: priceVolumePassed },
    { stage: "hard_gates", in: universe, out: passed },
    { stage: "confidence", in: passed, out: candidatesBeforeCap },
    { stage: "cap", in: candidatesBeforeCap, out: ranked },
  ];
}

/** The funnel's first stage in a run whose universe was reduced. */
const REDUCTION_STAGE = "universe_floor";

/** Symbols that a run knew and did not evaluate. */
export function leftOutOf({ stageCounts }: Pick<Run, "stageCounts">): number {
  const reduced = stageCounts.find(({ stage }) => stage === REDUCTION_STAGE);
  return reduced === undefined ? 0 : reduced.in - reduced.out;
}

function reductionStage(
  { universe }: Pick<Run, "universe">,
  reduction: UniverseReduction | null,
): StageCount[] {
  if (reduction === null) return [];
  return [{ stage: REDUCTION_STAGE, in: universe + reduction.leftOut, out: universe }];
}

/**
 * What all partitions left out, with the highest floor: a setting that one of them got late is named
 * by the message about its configuration. In state that was stored before there were reductions the
 * field is missing.
 */
function reductionOf(closed: readonly SlotClosed[]): UniverseReduction | null {
  const reductions = closed.flatMap(({ reduction }) => reduction ?? []);
  if (reductions.length === 0) return null;
  return {
    floorUsd: Math.max(...reductions.map(({ floorUsd }) => floorUsd)),
    leftOut: reductions.reduce((sum, { leftOut }) => sum + leftOut, 0),
  };
}

function bucketsOf(listed: readonly Candidate[]): ConfidenceBucket[] {
  const buckets = Array.from({ length: 10 }, (_, tenth) => ({ from: tenth / 10, count: 0 }));
  for (const { confidence } of listed) {
    const bucket = buckets.findLast(({ from }) => confidence >= from) ?? buckets[0];
    if (bucket !== undefined) bucket.count += 1;
  }
  return buckets;
}

function fallbackMessages(candidates: readonly Candidate[], strategy: string): string[] {
  const others = candidates.filter((candidate) => candidate.strategy !== strategy);
  const [first] = others;
  return first === undefined
    ? []
    : [`${others.length} candidates scored by the fallback ${first.strategy}`];
}

/** A setting takes effect with the tick that covers it; a partition that got it late is named. */
function partitionMessages(closed: readonly SlotClosed[], first: SlotClosed): string[] {
  const absent = first.partitions - closed.length;
  const others = closed.filter(({ configVersion }) => configVersion !== first.configVersion).length;
  return [
    ...(absent > 0 ? [`${absent} of ${first.partitions} partitions did not take part`] : []),
    ...(others > 0 ? [`${others} partitions judged by another configuration`] : []),
  ];
}

/**
 * A run that some partitions judged otherwise is no sample of any arm. In state that was stored
 * before there were experiments the field is missing.
 */
function exposureOf(closed: readonly SlotClosed[]): Exposure | null {
  const [first, ...others] = closed;
  const exposure = first?.experiment ?? null;
  if (first === undefined || exposure === null || closed.length < first.partitions) return null;
  const isShared = others.every(
    ({ experiment, configVersion }) =>
      experiment?.name === exposure.name &&
      experiment.subjectHash === exposure.subjectHash &&
      configVersion === first.configVersion,
  );
  return isShared ? exposure : null;
}

/**
 * So that all parts of a slot tell one configuration, whichever came first: by text, so that the
 * choice does not hang on which partition is which.
 */
export function byConfigVersion(a: Part, b: Part): number {
  if (a.configVersion === b.configVersion) return a.partition - b.partition;
  return a.configVersion < b.configVersion ? -1 : 1;
}

function total(closed: readonly SlotClosed[], count: (marker: SlotClosed) => number): number {
  return closed.reduce((sum, marker) => sum + count(marker), 0);
}
