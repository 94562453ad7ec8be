import { SENTIMENTS, type Sentiment } from "../sentiment.ts";

export type Probabilities = Readonly<Record<Sentiment, number>>;

export interface Judged {
  /** What people say. */
  readonly sentiment: Sentiment;
  readonly said: Sentiment;
  /** Null of what states none. */
  readonly probabilities: Probabilities | null;
}

export interface Measured {
  readonly accuracy: number;
  /** F1 of each sentiment; 0 of one that is never said. */
  readonly f1: Readonly<Record<Sentiment, number>>;
  /** Their plain mean. */
  readonly macroF1: number;
  /** Mean squared distance of three probabilities from what is so: 0 to 2. */
  readonly brier: number | null;
  /** Expected calibration error of the one that is said, in ten equal bins. */
  readonly calibrationError: number | null;
}

const BINS = 10;

export function measure(judged: readonly Judged[]): Measured {
  const right = judged.filter(({ sentiment, said }) => sentiment === said);
  const f1 = {
    negative: f1Of(judged, "negative"),
    neutral: f1Of(judged, "neutral"),
    positive: f1Of(judged, "positive"),
  };
  const stated = judged.flatMap(({ probabilities, ...rest }) =>
    probabilities === null ? [] : [{ ...rest, probabilities }],
  );
  return {
    accuracy: right.length / judged.length,
    f1,
    macroF1: (f1.negative + f1.neutral + f1.positive) / SENTIMENTS.length,
    brier: stated.length === 0 ? null : brierOf(stated),
    calibrationError: stated.length === 0 ? null : calibrationErrorOf(stated),
  };
}

/** One line with three decimals. */
export function textOfMeasured({
  accuracy,
  f1,
  macroF1,
  brier,
  calibrationError,
}: Measured): string {
  const figures: readonly (readonly [string, number | null])[] = [
    ["accuracy", accuracy],
    ["macro-F1", macroF1],
    ...SENTIMENTS.map((name) => [name, f1[name]] as const),
    ["Brier", brier],
    ["ECE", calibrationError],
  ];
  return figures
    .flatMap(([name, figure]) => (figure === null ? [] : [`${name} ${figure.toFixed(3)}`]))
    .join(", ");
}

type Stated = Judged & { readonly probabilities: Probabilities };

function f1Of(judged: readonly Judged[], of: Sentiment): number {
  const said = judged.filter((each) => each.said === of).length;
  const are = judged.filter((each) => each.sentiment === of).length;
  const both = judged.filter((each) => each.said === of && each.sentiment === of).length;
  return both === 0 ? 0 : (2 * both) / (said + are);
}

function brierOf(stated: readonly Stated[]): number {
  const distances = stated.flatMap(({ sentiment, probabilities }) =>
    SENTIMENTS.map((name) => (probabilities[name] - (name === sentiment ? 1 : 0)) ** 2),
  );
  return distances.reduce((sum, each) => sum + each, 0) / stated.length;
}

function calibrationErrorOf(stated: readonly Stated[]): number {
  const bins = Map.groupBy(stated, ({ said, probabilities }) =>
    Math.min(BINS - 1, Math.floor(probabilities[said] * BINS)),
  );
  const gaps = [...bins.values()].map((bin) => {
    const right = bin.filter(({ sentiment, said }) => sentiment === said).length;
    const promised = bin.reduce((sum, { said, probabilities }) => sum + probabilities[said], 0);
    return Math.abs(right - promised);
  });
  return gaps.reduce((sum, gap) => sum + gap, 0) / stated.length;
}
