import type { HourMetric } from "@amc/schemas/generated/events";
import { uuidOf } from "../kernel/ids.ts";
import { isoUtc } from "../market/event-time.ts";
import { type HourFigure, hourFigures, type MeasuredEvent, seriesKey } from "./hour-metrics.ts";
import { ANOMALY_RULE, anomalyVerdict } from "./metric-anomaly.ts";
import type { OperationalFinding } from "./operational-alerts.ts";

/** An hour as it is measured. */
export interface MeasuredHour {
  /** UTC ms, itself not included. */
  readonly endMs: number;
  /** From the open of its regular session to its end. */
  readonly sessionMinutes: number;
}

/** What was measured of an hour, judged by what hours like it had; `HourMetric.metric` narrowed. */
export type JudgedHourMetric = HourMetric & Pick<HourFigure, "metric">;

/**
 * Measures and judges an hour. `before` may hold any figures in any order, copies among them: those of other
 * instants of the session and those of this hour and later are left out.
 */
export function hourReport(
  events: Iterable<MeasuredEvent>,
  before: Iterable<HourMetric>,
  { endMs, sessionMinutes }: MeasuredHour,
): readonly JudgedHourMetric[] {
  const history = new Map<string, Map<number, HourMetric>>();
  for (const past of before) {
    if (past.sessionMinutes !== sessionMinutes || past.happenedAt >= endMs) continue;
    const key = seriesKey(past);
    const hours = history.get(key) ?? new Map<number, HourMetric>();
    history.set(key, hours.set(past.happenedAt, past));
  }
  const known = [...history.values()].flatMap((hours) => [...hours.values()]);
  return hourFigures(events, endMs, known).map((figure) => {
    const verdict = anomalyVerdict(figure, newestValues(history.get(seriesKey(figure))));
    return { ...figure, ...verdict, happenedAt: endMs, sessionMinutes };
  });
}

function newestValues(hours: ReadonlyMap<number, HourMetric> = new Map()): readonly number[] {
  const newestFirst = [...hours.values()].toSorted((a, b) => b.happenedAt - a.happenedAt);
  const values = newestFirst.flatMap(({ value }) => (value === null ? [] : [value]));
  return values.slice(0, ANOMALY_RULE.hoursMax);
}

/** One figure of one hour has one event, whoever measures it again. */
export function hourMetricId(metric: HourMetric): string {
  return uuidOf(`hour-metric/${seriesKey(metric)}/${metric.happenedAt}`);
}

/** What operators hear of an anomaly, and of what; null of a figure that is none. */
export function anomalyFinding(
  figure: JudgedHourMetric,
): (OperationalFinding & { readonly subject: string }) | null {
  const { metric, subject, value, usual, score, hours, happenedAt, simulated } = figure;
  if (figure.verdict !== "ANOMALOUS" || value === null || usual === null || score === null) {
    return null;
  }
  const limit = ANOMALY_RULE.scoreLimit;
  const compared = `usual are ${short(usual)} (${hours} sessions; score ${short(score)}, limit ${limit})`;
  return {
    ...{ kind: "metric.anomaly", subject: `${metric} of ${subject}`, simulated },
    severity: isAboutDemand(metric) ? "INFO" : "WARNING",
    finding: `${metric} of ${subject} was ${short(value)} in the hour to ${isoUtc(happenedAt)}; ${compared}`,
    advice: `${adviceOf(metric)}; GET /operations/hours?metric=${metric} has the hours before`,
  };
}

/** What markets ask of the system is no fault of it, however much. */
function isAboutDemand(metric: string): boolean {
  return metric === "discovery.recommendations" || metric === "alerts.requested";
}

function adviceOf(metric: string): string {
  if (metric.startsWith("provider.")) {
    return "GET /health has the provider with its last success, its breaker and its budget";
  }
  if (metric.startsWith("jobs.")) return "GET /jobs/runs says which runs ended how";
  return "npm run amc -- status says whether a source or a stage stands still";
}

function short(value: number): string {
  return String(Math.round(value * 10) / 10);
}
