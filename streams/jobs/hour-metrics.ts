import type { EventOf } from "@amc/schemas/topics";
import type { AnyEvent, StageEvent } from "../kernel/stage.ts";

const HOUR_MS = 3_600_000;

/** What is measured of every hour, by the name that events and alerts give it. */
export const HOUR_METRICS = [
  "provider.calls",
  "provider.failures",
  "provider.latency-p50",
  "provider.latency-p95",
  "jobs.ended",
  "jobs.given-up",
  "discovery.runs",
  "discovery.evaluable",
  "discovery.recommendations",
  "alerts.requested",
] as const;

export type HourMetricName = (typeof HOUR_METRICS)[number];

/** Topics that it is measured from. */
export const MEASURED_TOPICS = [
  "ops.provider-call.v1",
  "ops.job-run.v1",
  "discovery.run.v1",
  "discovery.recommendation.v1",
  "alerts.requested.v1",
] as const;

type MeasuredTopic = (typeof MEASURED_TOPICS)[number];

export type MeasuredEvent = {
  readonly [Topic in MeasuredTopic]: Pick<StageEvent<Topic>, "topic" | "id" | "value">;
}[MeasuredTopic];

export function isMeasured(event: AnyEvent): event is AnyEvent & MeasuredEvent {
  return MEASURED_TOPICS.some((topic) => topic === event.topic);
}

/** Of what a figure is: each is compared with itself alone. */
export interface MeasuredSeries {
  readonly metric: HourMetricName;
  /** A provider; `all` where nothing is told apart. */
  readonly subject: string;
  readonly simulated: boolean;
}

/** As events tell it: perhaps of a metric that was measured once. */
type KnownSeries = Omit<MeasuredSeries, "metric"> & { readonly metric: string };

export interface HourFigure extends MeasuredSeries {
  /** Null where there was nothing to measure. */
  readonly value: number | null;
  /** What it was measured over; of a count itself. */
  readonly samples: number;
}

const ALL = "all";

/**
 * The figures of the hour that ends at `endMs`, UTC ms, its end not included. Something belongs to the hour in which
 * it was over: a call when its answer was there, a run of a job when it had succeeded or was given up. A
 * function of a set of events: neither order nor copies matter. Providers of which the hour has nothing have no
 * figures, unless `known` names them: then their counts are 0. What comes from a mock or rests on generated data is
 * counted by itself.
 */
export function hourFigures(
  events: Iterable<MeasuredEvent>,
  endMs: number,
  known: readonly KnownSeries[] = [],
): readonly HourFigure[] {
  const hour = new Hour();
  for (const { subject, simulated, metric } of known) {
    if (metric.startsWith("provider.")) hour.callsOf(subject, simulated);
    else hour.countsOf(simulated);
  }
  hour.countsOf(false);
  const seen = new Set<string>();
  for (const event of events) {
    const atMs = overAt(event);
    if (atMs === null || atMs < endMs - HOUR_MS || atMs >= endMs || seen.has(event.id)) continue;
    seen.add(event.id);
    hour.add(event);
  }
  return hour.figures().toSorted(bySeries);
}

/** Null of what is not over. */
function overAt(event: MeasuredEvent): number | null {
  switch (event.topic) {
    case "ops.provider-call.v1":
      return event.value.happenedAt + event.value.responseMs;
    case "ops.job-run.v1":
      return isOver(event.value) ? event.value.happenedAt : null;
    default:
      return event.value.happenedAt;
  }
}

/** Skipped runs were not done: nothing was over. */
function isOver({ state, retryAt }: EventOf<"ops.job-run.v1">): boolean {
  return state === "SUCCEEDED" || (state === "FAILED" && retryAt === null);
}

interface Calls {
  readonly provider: string;
  readonly simulated: boolean;
  failures: number;
  /** Ms until each was over. */
  readonly latencies: number[];
}

interface Counts {
  readonly simulated: boolean;
  jobs: number;
  givenUp: number;
  /** Symbols that each run could evaluate. */
  readonly evaluable: number[];
  recommendations: number;
  alerts: number;
}

class Hour {
  readonly #calls = new Map<string, Calls>();
  readonly #counts = new Map<boolean, Counts>();

  callsOf(provider: string, simulated: boolean): Calls {
    const key = `${provider} ${simulated}`;
    const known = this.#calls.get(key);
    if (known !== undefined) return known;
    const calls: Calls = { provider, simulated, failures: 0, latencies: [] };
    this.#calls.set(key, calls);
    return calls;
  }

  countsOf(simulated: boolean): Counts {
    const known = this.#counts.get(simulated);
    if (known !== undefined) return known;
    const counts: Counts = {
      ...{ simulated, jobs: 0, givenUp: 0, evaluable: [], recommendations: 0, alerts: 0 },
    };
    this.#counts.set(simulated, counts);
    return counts;
  }

  add(event: MeasuredEvent): void {
    switch (event.topic) {
      case "ops.provider-call.v1": {
        const { provider, simulated, success, responseMs } = event.value;
        const calls = this.callsOf(provider, simulated);
        if (!success) calls.failures += 1;
        calls.latencies.push(responseMs);
        break;
      }
      case "ops.job-run.v1": {
        const counts = this.countsOf(false);
        counts.jobs += 1;
        if (event.value.state === "FAILED") counts.givenUp += 1;
        break;
      }
      case "discovery.run.v1":
        this.countsOf(event.value.simulated).evaluable.push(event.value.evaluable);
        break;
      case "discovery.recommendation.v1":
        this.countsOf(event.value.simulated).recommendations += 1;
        break;
      case "alerts.requested.v1":
        this.countsOf(event.value.simulated).alerts += 1;
    }
  }

  figures(): readonly HourFigure[] {
    return [
      ...[...this.#calls.values()].flatMap(figuresOfCalls),
      ...[...this.#counts.values()].flatMap(figuresOfCounts),
    ];
  }
}

function figuresOfCalls({ provider, simulated, failures, latencies }: Calls): HourFigure[] {
  const of = { subject: provider, simulated };
  const ascending = latencies.toSorted((a, b) => a - b);
  const { length: samples } = ascending;
  return [
    { ...of, metric: "provider.calls", value: samples, samples },
    { ...of, metric: "provider.failures", value: failures, samples },
    { ...of, metric: "provider.latency-p50", value: nearestRank(ascending, 0.5), samples },
    { ...of, metric: "provider.latency-p95", value: nearestRank(ascending, 0.95), samples },
  ];
}

function figuresOfCounts(counts: Counts): HourFigure[] {
  const { simulated, jobs, givenUp, evaluable, recommendations, alerts } = counts;
  const of = { subject: ALL, simulated };
  const ascending = evaluable.toSorted((a, b) => a - b);
  const { length: runs } = ascending;
  const counted = (metric: HourMetricName, value: number): HourFigure => ({
    ...{ ...of, metric, value, samples: value },
  });
  return [
    // No job knows whether what it worked on was made up.
    ...(simulated ? [] : [counted("jobs.ended", jobs), counted("jobs.given-up", givenUp)]),
    counted("discovery.runs", runs),
    { ...of, metric: "discovery.evaluable", value: nearestRank(ascending, 0.5), samples: runs },
    counted("discovery.recommendations", recommendations),
    counted("alerts.requested", alerts),
  ];
}

/** The nearest-rank quantile (ceil of share times n, from 1), which is a value that occurred; null of none. */
function nearestRank(ascending: readonly number[], share: number): number | null {
  return ascending[Math.ceil(share * ascending.length) - 1] ?? null;
}

function bySeries(a: HourFigure, b: HourFigure): number {
  return compare(seriesKey(a), seriesKey(b));
}

/** Of what a figure is, in one text. */
export function seriesKey({ metric, subject, simulated }: KnownSeries): string {
  return `${metric} ${subject} ${simulated}`;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
