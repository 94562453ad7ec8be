import type { ExperimentMetric, Run } from "@amc/schemas/generated/events";

/**
 * What arms can be compared by: all of it is known from one run. `candidates` counts all of them,
 * before the cap; everything else is of the ranked ones, which the cap leaves.
 */
export const METRIC_NAMES = [
  "candidates",
  "trade_ready",
  "watchlist",
  "top_score",
  "mean_score",
  "mean_confidence",
] as const;

export type MetricName = (typeof METRIC_NAMES)[number];

/** Of an experiment that is started without any: how many a run finds, and how good they are. */
export const DEFAULT_METRICS: readonly MetricName[] = ["candidates", "trade_ready", "mean_score"];

/** A run without candidates has no best one and no mean. */
const NO_CANDIDATES = "no-candidates";

export function isMetricName(name: string): name is MetricName {
  return METRIC_NAMES.some((known) => known === name);
}

/** Every metric of a run, in the order of `METRIC_NAMES`. */
export function metricsOf({ candidatesBeforeCap, candidates }: Run): ExperimentMetric[] {
  const labelled = (label: string) =>
    candidates.filter((candidate) => candidate.label === label).length;
  const values: Readonly<Record<MetricName, number | null>> = {
    candidates: candidatesBeforeCap,
    trade_ready: labelled("TRADE_READY"),
    watchlist: labelled("WATCHLIST"),
    top_score: candidates[0]?.score ?? null,
    mean_score: meanOf(candidates.map(({ score }) => score)),
    mean_confidence: meanOf(candidates.map(({ confidence }) => confidence)),
  };
  return METRIC_NAMES.map((name) => {
    const value = values[name];
    return { name, value, reason: value === null ? NO_CANDIDATES : null };
  });
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
