import type { ExperimentResult } from "@amc/schemas/generated/events";
import { cohensD } from "./effect-size.ts";
import type { MetricName } from "./metrics.ts";
import { momentsOf } from "./sample-moments.ts";
import { twoSampleTTest } from "./two-sample-t-test.ts";

/** Two-sided, R-ABT-06. */
const ALPHA = 0.05;
const CONFIDENCE_LEVEL = 1 - ALPHA;

/** What was found in one arm. */
export interface ArmSummary {
  readonly strategy: string;
  /** Runs that were given this strategy. */
  readonly exposures: number;
  /** All of these runs, before the cap. */
  readonly candidates: number;
  /** Ranked candidates of these runs, after the cap, that another strategy scored, because this one failed. */
  readonly fallbackCandidates: number;
}

/** How one metric differs between two arms. */
export interface Comparison {
  readonly metric: MetricName;
  readonly control: string;
  readonly treatment: string;
  /** Runs that have the metric. */
  readonly controlSize: number;
  readonly treatmentSize: number;
  readonly controlMean: number | null;
  readonly treatmentMean: number | null;
  readonly verdict: "significant" | "not_significant" | "insufficient";
  /** Why nothing can be decided (R-ABT-12); null where it can. */
  readonly reason: "too-few-values" | "no-scatter" | null;
  /** Positive when the treatment's mean is the greater one; null when insufficient. */
  readonly t: number | null;
  readonly degreesOfFreedom: number | null;
  readonly pValue: number | null;
  /** Cohen's d, with the sign of t. */
  readonly effectSize: number | null;
  readonly confidenceLevel: number;
}

export interface Analysis {
  readonly arms: readonly ArmSummary[];
  readonly comparisons: readonly Comparison[];
}

/**
 * What the results of an experiment say: every arm beside the first by name, which is the control,
 * metric by metric. `strategies` are the arms that the plan names; those that results name as well
 * are added, as an arm may have been taken out of the split.
 */
export function analyse(
  strategies: readonly string[],
  metrics: readonly MetricName[],
  results: readonly ExperimentResult[],
): Analysis {
  const byArm = new Map<string, ExperimentResult[]>();
  for (const strategy of strategies) byArm.set(strategy, []);
  for (const result of results) {
    const known = byArm.get(result.strategy);
    if (known === undefined) byArm.set(result.strategy, [result]);
    else known.push(result);
  }
  const arms = [...byArm].sort(([a], [b]) => (a < b ? -1 : 1));
  const [control, ...treatments] = arms;
  const comparisons = metrics.flatMap((metric) =>
    control === undefined ? [] : treatments.map((other) => compare(metric, control, other)),
  );
  return { arms: arms.map(summaryOf), comparisons };
}

type ArmResults = readonly [strategy: string, results: readonly ExperimentResult[]];

function summaryOf([strategy, results]: ArmResults): ArmSummary {
  return {
    strategy,
    exposures: results.length,
    candidates: results.reduce((sum, { candidates }) => sum + candidates, 0),
    fallbackCandidates: results.reduce((sum, one) => sum + one.fallbackCandidates, 0),
  };
}

function compare(
  metric: MetricName,
  [control, controlResults]: ArmResults,
  [treatment, treatmentResults]: ArmResults,
): Comparison {
  const [before, after] = [valuesOf(metric, controlResults), valuesOf(metric, treatmentResults)];
  const test = twoSampleTTest(before, after, "pooled");
  const decided = test === null ? undecided(before, after) : verdictOf(test.pValue);
  return {
    metric,
    control,
    treatment,
    controlSize: before.length,
    treatmentSize: after.length,
    controlMean: meanOf(before),
    treatmentMean: meanOf(after),
    ...decided,
    t: test?.t ?? null,
    degreesOfFreedom: test?.degreesOfFreedom ?? null,
    pValue: test?.pValue ?? null,
    effectSize: test === null ? null : cohensD(before, after),
    confidenceLevel: CONFIDENCE_LEVEL,
  };
}

function verdictOf(pValue: number): Pick<Comparison, "verdict" | "reason"> {
  return { verdict: pValue < ALPHA ? "significant" : "not_significant", reason: null };
}

function undecided(
  before: readonly number[],
  after: readonly number[],
): Pick<Comparison, "verdict" | "reason"> {
  const isSmall = before.length < 2 || after.length < 2;
  return { verdict: "insufficient", reason: isSmall ? "too-few-values" : "no-scatter" };
}

function valuesOf(metric: MetricName, results: readonly ExperimentResult[]): number[] {
  return results.flatMap(({ metrics }) => {
    const value = metrics.find(({ name }) => name === metric)?.value ?? null;
    return value === null ? [] : [value];
  });
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : momentsOf(values).mean;
}
