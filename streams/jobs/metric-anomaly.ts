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
  /** With fewer nobody knows what is usual: the least of which a median is not one odd hour and its neighbour. */
  hoursMin: 5,
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
/** A tenth of a provider's usual time to answer, and 50 ms, is weather of the network. */
const LATENCY_SHARE = 0.1;
const LATENCY_MS = 50;

interface Judged {
  /** Which departures matter. */
  readonly direction: "above" | "both";
  /** The least spread that hours like these have, however even they were: a constant has a MAD of 0. */
  readonly leastSpread: (median: number) => number;
}

/** Arrivals of independent events vary by the square root of their number (Poisson). */
const ofCounts = (median: number): number => Math.sqrt(Math.max(median, 1));
const ofLatencies = (median: number): number => Math.max(LATENCY_MS, LATENCY_SHARE * median);

/** How each figure is judged: more failures than usual are bad news, fewer are none. */
const JUDGED: Readonly<Record<HourMetricName, Judged>> = {
  "provider.calls": { direction: "both", leastSpread: ofCounts },
  "provider.failures": { direction: "above", leastSpread: ofCounts },
  "provider.latency-p50": { direction: "above", leastSpread: ofLatencies },
  "provider.latency-p95": { direction: "above", leastSpread: ofLatencies },
  "jobs.ended": { direction: "both", leastSpread: ofCounts },
  "jobs.given-up": { direction: "above", leastSpread: ofCounts },
  "discovery.runs": { direction: "both", leastSpread: ofCounts },
  "discovery.evaluable": { direction: "both", leastSpread: ofCounts },
  "discovery.recommendations": { direction: "both", leastSpread: ofCounts },
  "alerts.requested": { direction: "both", leastSpread: ofCounts },
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
  const { direction, leastSpread } = JUDGED[metric];
  const usual = medianOf(history);
  const deviation = medianOf(history.map((each) => Math.abs(each - usual))) / MAD_PER_DEVIATION;
  const score = (value - usual) / Math.max(deviation, leastSpread(usual));
  const size = direction === "above" ? score : Math.abs(score);
  const isOdd = size > ANOMALY_RULE.scoreLimit && !isHabit(value, usual, history);
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
