import type { WaitingClock } from "@amc/platform/http/waiting-clock";
import { alertAppend } from "@amc/platform/jobs/alert-event";
import type { JobHandler } from "@amc/platform/jobs/job-runner";
import type { Append, Log } from "@amc/platform/log/port";
import { recordsSince } from "@amc/platform/log/records-since";
import { decodeRecord } from "@amc/platform/runtime/decode-record";
import { liveSinceMs } from "@amc/platform/runtime/newest-tick";
import { jobOutcomes } from "@amc/projector/data-standing";
import { encodeEvent } from "@amc/schemas/codec";
import type { HourMetric } from "@amc/schemas/generated/events";
import { eventHeaders } from "@amc/schemas/headers";
import type { TopicName } from "@amc/schemas/topics";
import { isMeasured, MEASURED_TOPICS, type MeasuredEvent } from "@amc/streams/jobs/hour-metrics";
import {
  anomalyFinding,
  hourMetricId,
  hourReport,
  type JudgedHourMetric,
} from "@amc/streams/jobs/hour-report";
import { JOB_SPAN_MS, JOB_SUCCESS_TARGET, successRatio } from "@amc/streams/jobs/job-success";
import type { JobName } from "@amc/streams/jobs/job-table";
import { type OperationalFinding, operationalAlertId } from "@amc/streams/jobs/operational-alerts";
import { jobRunId } from "@amc/streams/jobs/run-id";
import type { AnyEvent } from "@amc/streams/kernel/stage";
import { DAY_MS, MINUTE_MS } from "@amc/streams/market/calendar-date";
import { isoUtc } from "@amc/streams/market/event-time";
import { type SessionBounds, sessionBoundsAt } from "@amc/streams/market/sessions";
import type { Pool } from "pg";
import type { ServiceContext } from "./service.ts";

export const METRICS_JOB = "performance_metrics_aggregation" satisfies JobName;

const HOUR_METRIC = "ops.hour-metric.v1";
const ALERT_RAISED = "ops.alert-raised.v1";
const HOUR_MS = 60 * MINUTE_MS;
/** Calls and runs that were over at the end of the hour are in the log by then. */
const SETTLED_MS = 10_000;
/** Twenty sessions and the holidays between them. */
const HISTORY_MS = 45 * DAY_MS;

type Told = Pick<ServiceContext, "log" | "logger" | "metrics"> & { readonly clock: WaitingClock };

/**
 * R-JOB-15: measures the hour that is over, from the log alone, and compares it with the same hour of the
 * sessions before (R-MET-10). Figures, and an alert for each that is an anomaly, are in the log with the end of the
 * run, so of every hour once. It also looks whether jobs succeed as they should (R-JOB-20), and tells of that once a
 * session. The run counts figures; one that is an anomaly counts as failed, and is no failure of the run.
 */
export function metricsJob(
  { log, logger, metrics, clock }: Told,
  pool: Pool,
  source: string,
): JobHandler {
  return async (atMs, signal) => {
    const session = sessionBoundsAt(atMs);
    if (session === null) return { skipped: "no-session" };
    if ((await liveSinceMs(log)) === null) return { skipped: "nothing-live" };
    const waitMs = atMs + SETTLED_MS - clock.nowMs();
    if (waitMs > 0) await clock.sleep(waitMs, signal);
    const sessionMinutes = (atMs - session.openMs) / MINUTE_MS;
    const events = await measuredEvents(log, atMs, signal);
    const before = await figuresBefore(log, atMs, signal);
    const report = hourReport(events, before, { endMs: atMs, sessionMinutes });
    const raisedAt = clock.nowMs();
    const odd = report.filter(({ verdict }) => verdict === "ANOMALOUS");
    for (const { metric } of odd) metrics.jobs.hourAnomaly(metric);
    const anomalies = odd.flatMap((figure) => anomalyAppend(figure, source, raisedAt));
    const { length: failed } = anomalies;
    const below = await belowTarget(log, pool, session, { atMs, raisedAt, source });
    const told = { asOf: isoUtc(atMs), figures: report.length, anomalies: failed };
    if (failed === 0) logger.info(told, "the hour is measured");
    else logger.warn(told, "the hour is measured, and not as such hours are");
    const appends = [...report.map((figure) => metricAppend(figure, source)), ...anomalies];
    const { length: processed } = report;
    const counts = { processed, successful: processed - failed, failed };
    return { ...counts, appends: [...appends, ...below] };
  };
}

/** What may belong to the hour; a run that is measured late sees it as one in time does. */
async function measuredEvents(
  log: Log,
  atMs: number,
  signal: AbortSignal,
): Promise<readonly MeasuredEvent[]> {
  const found: MeasuredEvent[] = [];
  for (const topic of MEASURED_TOPICS) {
    for await (const event of eventsSince(log, topic, atMs - HOUR_MS, signal)) {
      if (isMeasured(event)) found.push(event);
    }
  }
  return found;
}

async function figuresBefore(
  log: Log,
  atMs: number,
  signal: AbortSignal,
): Promise<readonly HourMetric[]> {
  const found: HourMetric[] = [];
  for await (const event of eventsSince(log, HOUR_METRIC, atMs - HISTORY_MS, signal)) {
    if (event.topic === HOUR_METRIC) found.push(event.value);
  }
  return found;
}

/** What cannot be read is the projector's to refuse. */
async function* eventsSince(
  log: Log,
  topic: TopicName,
  sinceMs: number,
  signal: AbortSignal,
): AsyncGenerator<AnyEvent> {
  for await (const record of recordsSince(log, topic, sinceMs)) {
    signal.throwIfAborted();
    const decoded = decodeRecord(record, false);
    if (decoded.ok) yield decoded.event;
  }
}

function metricAppend(figure: JudgedHourMetric, source: string): Append {
  const { metric, happenedAt } = figure;
  const identity = { id: hourMetricId(figure), source, topic: HOUR_METRIC, happenedAt } as const;
  const value = encodeEvent(HOUR_METRIC, figure);
  return { topic: HOUR_METRIC, key: metric, value, headers: eventHeaders(identity) };
}

function anomalyAppend(figure: JudgedHourMetric, source: string, raisedAt: number): Append[] {
  const found = anomalyFinding(figure);
  if (found === null) return [];
  const { happenedAt } = figure;
  return [alertAppend(source, { ...found, happenedAt, raisedAt, causeId: hourMetricId(figure) })];
}

interface Raised {
  readonly atMs: number;
  readonly raisedAt: number;
  readonly source: string;
}

/** Of the runs up to that instant, as the tables have them by now; once a session, as long as it lasts. */
async function belowTarget(
  log: Log,
  pool: Pool,
  { openMs }: SessionBounds,
  { atMs, raisedAt, source }: Raised,
): Promise<readonly Append[]> {
  const outcomes = await jobOutcomes(pool, atMs - JOB_SPAN_MS, atMs);
  const ratio = successRatio([outcomes]);
  if (ratio === null || ratio >= JOB_SUCCESS_TARGET) return [];
  const about = {
    ...({ kind: "jobs.below-target", subject: "jobs" } as const),
    ...{ happenedAt: openMs, simulated: false },
  };
  for await (const { headers } of recordsSince(log, ALERT_RAISED, openMs)) {
    if (headers.ce_id === operationalAlertId(about)) return [];
  }
  const { succeeded, failed } = outcomes;
  const found: Omit<OperationalFinding, "kind"> = {
    ...{ severity: "WARNING", simulated: false },
    finding: `${succeeded} of ${succeeded + failed} runs of jobs in 30 days succeeded, ${JOB_SUCCESS_TARGET * 100} % are aimed at`,
    advice: "GET /jobs says which job, GET /jobs/runs?state=failed why",
  };
  const causeId = jobRunId(METRICS_JOB, atMs);
  return [alertAppend(source, { ...about, ...found, raisedAt, causeId })];
}
