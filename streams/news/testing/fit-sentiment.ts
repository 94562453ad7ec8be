import { EVIDENCE, headlineEvidence } from "../headline-evidence.ts";
import type { EvidenceWeight } from "../sentiment.ts";
import type { LabelledHeadline } from "./labelled-headlines.ts";

/** Log odds against neutral: of no evidence, then of each kind of it. */
export interface FittedWeights {
  readonly none: EvidenceWeight;
  readonly byEvidence: ReadonlyMap<(typeof EVIDENCE)[number], EvidenceWeight>;
}

/** Penalty on squared weights, that of no evidence left out. */
const L2 = 1;
const STEPS = 1_200;

/** Multinomial logistic regression by gradient descent, in a fixed order: the same everywhere. */
export function fitSentiment(labelled: readonly LabelledHeadline[]): FittedWeights {
  const rows = labelled.map(({ text, sentiment }) => {
    const evidence = headlineEvidence(text);
    return { counts: [1, ...EVIDENCE.map((name) => evidence[name])], sentiment };
  });
  const reach = curvature(rows.map(({ counts }) => counts));
  const positive = new Float64Array(EVIDENCE.length + 1);
  const negative = new Float64Array(EVIDENCE.length + 1);
  for (let step = 0; step < STEPS; step += 1) {
    const rising = penalty(positive);
    const falling = penalty(negative);
    for (const { counts, sentiment } of rows) {
      const up = Math.exp(dot(positive, counts));
      const down = Math.exp(dot(negative, counts));
      const tooPositive = up / (1 + up + down) - (sentiment === "positive" ? 1 : 0);
      const tooNegative = down / (1 + up + down) - (sentiment === "negative" ? 1 : 0);
      for (const [at, count] of counts.entries()) {
        rising[at] = (rising[at] ?? 0) + tooPositive * count;
        falling[at] = (falling[at] ?? 0) + tooNegative * count;
      }
    }
    descend(positive, rising, reach);
    descend(negative, falling, reach);
  }
  const weightAt = (at: number) => ({ positive: positive[at] ?? 0, negative: negative[at] ?? 0 });
  return {
    none: weightAt(0),
    byEvidence: new Map(EVIDENCE.map((name, at) => [name, weightAt(at + 1)])),
  };
}

const penalty = (weights: Float64Array) =>
  weights.map((weight, at) => (at === 0 ? 0 : L2 * weight));

function dot(weights: Float64Array, counts: readonly number[]): number {
  let sum = 0;
  for (const [at, count] of counts.entries()) sum += (weights[at] ?? 0) * count;
  return sum;
}

/**
 * An upper bound of how fast each slope changes, so that no step is too long: half the sum over rows
 * of a count times all counts of its row.
 */
function curvature(rows: readonly (readonly number[])[]): Float64Array {
  const bound = new Float64Array(EVIDENCE.length + 1).fill(L2);
  for (const counts of rows) {
    const all = counts.reduce((sum, count) => sum + count, 0);
    for (const [at, count] of counts.entries()) bound[at] = (bound[at] ?? 0) + (count * all) / 2;
  }
  return bound;
}

function descend(weights: Float64Array, gradient: Float64Array, reach: Float64Array): void {
  for (const [at, slope] of gradient.entries()) {
    weights[at] = (weights[at] ?? 0) - slope / (reach[at] ?? 1);
  }
}
