import type {
  ShadowCandidate,
  ShadowSlot,
  SlotClosed,
  Verdict,
} from "@amc/schemas/generated/events";
import { byRank } from "../discovery/rank.ts";
import { configVersionOf } from "../scoring/config.ts";
import type { StrategyName } from "../scoring/strategies/strategy.ts";
import { PROFILES } from "./profiles.ts";
import type { SlotRules } from "./slot-rules.ts";
import { type Evaluation, type Judgement, judge } from "./verdict.ts";

/** What both strategies made of the symbols of one trigger in the running slice. */
interface Compared {
  scored: number;
  shadowScored: number;
  scoredByBoth: number;
  shadowFailed: number;
  readonly listed: ShadowCandidate[];
  readonly shadowListed: ShadowCandidate[];
}

interface ShadowJudgement extends Judgement {
  /** Configuration of the run that it shadows. */
  readonly shadowed: string;
}

/**
 * Judges what becomes part of a run a second time, by the shadow strategy (R-ABT-08). Nothing of it
 * reaches a verdict or a candidate: gates, thresholds and features are those of the run, and only the
 * strategy differs. Like the verdicts of a slot it lives within one slice, so there is no state to
 * commit.
 */
export class ShadowSlots {
  readonly #strategy: StrategyName;
  readonly #strategies: Judgement["strategies"];
  readonly #open = new Map<string, Compared>();
  /** For the rules that were asked for last: a slice asks for the same ones symbol after symbol. */
  #last: ShadowJudgement | null = null;

  constructor(strategy: StrategyName, strategies: Judgement["strategies"]) {
    this.#strategy = strategy;
    this.#strategies = strategies;
  }

  /** Takes a verdict with what it was made of. `listed` says whether the run would list it. */
  take(evaluation: Evaluation, verdict: Verdict, listed: boolean, rules: SlotRules): void {
    if (rules.config.strategy === this.#strategy) return;
    const judgement = this.#judgementBy(rules);
    const compared = this.#of(verdict.trigger);
    // What the fallback scored in its place is not the strategy's, and may be the shadow's own.
    const isOwn = verdict.strategy === rules.config.strategy;
    const isScored = isOwn && verdict.rawScore !== null;
    if (isScored) compared.scored += 1;
    if (isOwn && verdict.passed && listed) compared.listed.push(candidateOf(verdict));
    const shadow = shadowVerdict(evaluation, judgement);
    if (shadow === null) {
      compared.shadowFailed += 1;
      return;
    }
    if (shadow.rawScore !== null) compared.shadowScored += 1;
    if (isScored && shadow.rawScore !== null) compared.scoredByBoth += 1;
    const { listedConfidence } = PROFILES[rules.config.profile];
    if (shadow.passed && shadow.confidence >= listedConfidence) {
      compared.shadowListed.push(candidateOf(shadow));
    }
  }

  /**
   * What this partition compared in the slot that the marker closes; null where the run was scored
   * by the shadow strategy itself, as an experiment or a setting may have it.
   */
  close(marker: SlotClosed, rules: SlotRules): ShadowSlot | null {
    if (rules.config.strategy === this.#strategy) return null;
    const { tradingDay, slot, happenedAt, trigger, session, strategy, profile } = marker;
    const { preset, configVersion, partition, partitions, universe, reduction } = marker;
    const { publishedAt, capturedAt, simulated } = marker;
    const { listed, shadowListed, ...counts } = this.#of(trigger);
    const best = (candidates: readonly ShadowCandidate[]): ShadowCandidate[] =>
      candidates.toSorted(byRank).slice(0, rules.config.maxCandidates);
    return {
      tradingDay,
      slot,
      happenedAt,
      trigger,
      session,
      strategy,
      profile,
      preset,
      configVersion,
      shadowStrategy: this.#strategy,
      shadowConfigVersion: this.#judgementBy(rules).configVersion,
      partition,
      partitions,
      universe,
      ...counts,
      leftOut: reduction?.leftOut ?? 0,
      listed: listed.length,
      shadowListed: shadowListed.length,
      candidates: best(listed),
      shadowCandidates: best(shadowListed),
      publishedAt,
      capturedAt,
      simulated,
    };
  }

  /** Forgets what was compared; call at the end of a slice. */
  endSlice(): void {
    this.#open.clear();
  }

  #of(trigger: string): Compared {
    let compared = this.#open.get(trigger);
    if (compared === undefined) {
      compared = {
        ...{ scored: 0, shadowScored: 0, scoredByBoth: 0, shadowFailed: 0 },
        ...{ listed: [], shadowListed: [] },
      };
      this.#open.set(trigger, compared);
    }
    return compared;
  }

  #judgementBy(rules: SlotRules): ShadowJudgement {
    if (this.#last?.shadowed !== rules.version) {
      const inForce = { ...rules.config, strategy: this.#strategy };
      this.#last = {
        shadowed: rules.version,
        // The version that the configuration would have; without the fallback a failure is counted.
        configVersion: configVersionOf(inForce),
        config: { ...inForce, emergencyFallback: false },
        strategies: this.#strategies,
      };
    }
    return this.#last;
  }
}

/** Null where the shadow strategy throws or scores what is no score, which must not end the task that makes the runs. */
function shadowVerdict(evaluation: Evaluation, judgement: Judgement): Verdict | null {
  try {
    const verdict = judge(evaluation, judgement);
    return [verdict.rawScore ?? 0, verdict.score, verdict.confidence].every(isShare)
      ? verdict
      : null;
  } catch {
    // Counted by the caller, and told in the comparison of the run.
    return null;
  }
}

/** Anything else could not be told in an event, or would rank before all that is possible. */
function isShare(value: number): boolean {
  return value >= 0 && value <= 1 && !Object.is(value, -0);
}

function candidateOf({ symbol, score, confidence, label }: Verdict): ShadowCandidate {
  return { symbol, score, confidence, label };
}
