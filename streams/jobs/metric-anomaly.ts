import type { HourMetricName } from "./hour-metrics.ts";

/**
 * When a figure of an hour is not what that hour is like. The score is the modified z-score of Iglewicz and
 * Hoaglin, "How to Detect and Handle Outliers" (ASQC, 1993), as the NIST/SEMATECH e-Handbook of Statistical
 * Methods gives it in 1.3.5.17: 0.6745 (x - median) / MAD, an outlier where its size is above 3.5. Median and
 * MAD, because up to half of the hours before may have been odd themselves.
 */
export const ANOMALY_RULE = {
  /** An outlier is above this. */
  scoreLimit: 3.5,
  /** Hours of the sessions before that are compared with, the newest of them: four weeks. */
  hoursMax: 20,
  /**
   * With fewer nobody knows what is usual: of five hours a MAD says so little that a latency as it always was would be
   * an outlier in 4 % of all hours.
   */
  hoursMin: 10,
  /** Fewer calls have no quantile worth a judgement; the rule for error rates asks for as many (domain-facts §13). */
  samplesMin: 10,
  /**
   * What more than this share of the hours before had as well, or went beyond, is a habit: a job of Mondays
   * and Wednesdays makes calls in two hours of five, and none of the five is odd.
   */
  habitShare: 0.1,
} as const;

/** MAD of a normal distribution by its standard deviation. */
const MAD_PER_DEVIATION = 0.6745;

/** How figures of a kind vary. */
interface Scale {
  /** Where they vary alike upwards and downwards, which the score takes for granted. */
  readonly of: (value: number) => number;
  /** The least spread there that hours like these have, however even they were: a constant has a MAD of 0. */
  readonly leastSpread: (usual: number) => number;
  /** A change that is no greater is none, whatever its score. */
  readonly leastChange: number;
}

/** Arrivals of independent events vary by the square root of their number (Poisson). */
const COUNTS: Scale = {
  of: (count) => count,
  leastSpread: (usual) => Math.sqrt(Math.max(usual, 1)),
  leastChange: 0,
};
/**
 * Latencies vary by factors: as it is, a log-normal one of sigma 0.5 is an outlier in 3.8 % of all hours, by its
 * logarithm in 0.5 % (100,000 drawn, compared with twenty). A tenth more, and a fifth of a second, is weather of the
 * network.
 */
const LATENCIES: Scale = {
  of: (ms) => Math.log(Math.max(ms, 1)),
  leastSpread: () => Math.log(1.1),
  leastChange: 200,
};

interface Judged {
  readonly scale: Scale;
  /** Which departures matter. */
  readonly direction: "above" | "both";
}

/** How each figure is judged: more failures than usual are bad news, fewer are none. */
const JUDGED: Readonly<Record<HourMetricName, Judged>> = {
  "provider.calls": { direction: "both", scale: COUNTS },
  "provider.failures": { direction: "above", scale: COUNTS },
  "provider.latency-p50": { direction: "above", scale: LATENCIES },
  "provider.latency-p95": { direction: "above", scale: LATENCIES },
  "jobs.ended": { direction: "both", scale: COUNTS },
  "jobs.given-up": { direction: "above", scale: COUNTS },
  "discovery.runs": { direction: "both", scale: COUNTS },
  "discovery.evaluable": { direction: "both", scale: COUNTS },
  "discovery.recommendations": { direction: "both", scale: COUNTS },
  "alerts.requested": { direction: "both", scale: COUNTS },
};

/** Whether a figure is an anomaly, or why nobody can tell. */
export interface AnomalyVerdict {
  readonly verdict: "USUAL" | "ANOMALOUS" | "UNKNOWN";
  /** Null unless it is unknown. */
  readonly reason: "no-value" | "few-samples" | "short-history" | null;
  /** Median of the hours before; null where there are too few. */
  readonly usual: number | null;
  /** Standard deviations that it lies off, by the median's; null where it was not judged. */
  readonly score: number | null;
  /** Hours that it was compared with. */
  readonly hours: number;
}

export interface JudgedFigure {
  readonly metric: HourMetricName;
  /** Null where there was nothing to measure. */
  readonly value: number | null;
  /** What it was measured over; of a count itself. */
  readonly samples: number;
}

/** `history` holds what the same hour of earlier sessions had, in any order; hours without a value are none. */
export function anomalyVerdict(
  { metric, value, samples }: JudgedFigure,
  history: readonly number[],
): AnomalyVerdict {
  const { length: hours } = history;
  const unknown = { verdict: "UNKNOWN", usual: null, score: null, hours } as const;
  if (value === null) return { ...unknown, reason: "no-value" };
  if (isQuantile(metric) && samples < ANOMALY_RULE.samplesMin) {
    return { ...unknown, reason: "few-samples" };
  }
  if (hours < ANOMALY_RULE.hoursMin) return { ...unknown, reason: "short-history" };
  const { direction, scale } = JUDGED[metric];
  const usual = medianOf(history);
  const departure = (from: number): number => scale.of(from) - scale.of(usual);
  const deviation = medianOf(history.map((each) => Math.abs(departure(each)))) / MAD_PER_DEVIATION;
  const score = departure(value) / Math.max(deviation, scale.leastSpread(usual));
  const size = direction === "above" ? score : Math.abs(score);
  const isGreat = Math.abs(value - usual) > scale.leastChange;
  const isOdd = size > ANOMALY_RULE.scoreLimit && isGreat && !isHabit(value, usual, history);
  const verdict = isOdd ? "ANOMALOUS" : "USUAL";
  return { verdict, reason: null, usual, score, hours };
}

function isHabit(value: number, usual: number, history: readonly number[]): boolean {
  const alike = history.filter((each) => (value > usual ? each >= value : each <= value));
  return alike.length > ANOMALY_RULE.habitShare * history.length;
}

function isQuantile(metric: HourMetricName): boolean {
  return metric === "provider.latency-p50" || metric === "provider.latency-p95";
}

/** Of an even number of values the mean of the two in the middle. */
function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted.length >> 1;
  const middle = sorted[upper] ?? 0;
  return sorted.length % 2 === 1 ? middle : ((sorted[upper - 1] ?? 0) + middle) / 2;
}
