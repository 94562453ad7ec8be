import type { AlertRaised, HourMetric, JobRun } from "@amc/schemas/generated/events";
import { hourMetricId } from "../jobs/hour-report.ts";
import { operationalAlertId } from "../jobs/operational-alerts.ts";
import { jobRunId } from "../jobs/run-id.ts";
import { uuidOf } from "../kernel/ids.ts";
import type { StageEvent } from "../kernel/stage.ts";
import { TEN_O_CLOCK } from "./features-builder.ts";

const COLLECTION = "collect-short-interest-data";

/** A step of a run; of a collection at ten o'clock that has succeeded, unless told otherwise. */
export function jobRun(known: Partial<JobRun> = {}): StageEvent<"ops.job-run.v1"> {
  const value: JobRun = {
    job: COLLECTION,
    dueAt: TEN_O_CLOCK,
    happenedAt: TEN_O_CLOCK + 62_400,
    state: "SUCCEEDED",
    attempt: 1,
    startedAt: TEN_O_CLOCK + 2_000,
    processed: 12,
    successful: 10,
    failed: 2,
    reason: null,
    errorCode: null,
    errorMessage: null,
    retryAt: null,
    nextDueAt: TEN_O_CLOCK + 5 * 86_400_000,
    ...known,
  };
  const { job, dueAt, attempt, state } = value;
  const id = uuidOf(`job-run/${job}/${dueAt}/${attempt}/${state}`);
  return { topic: "ops.job-run.v1", id, key: job, value, checksum: 0, late: false };
}

const NOT_OVER = { processed: null, successful: null, failed: null } as const;

export function jobStarted(known: Partial<JobRun> = {}): StageEvent<"ops.job-run.v1"> {
  return jobRun({ ...NOT_OVER, state: "STARTED", happenedAt: TEN_O_CLOCK + 2_000, ...known });
}

export function jobFailed(known: Partial<JobRun> = {}): StageEvent<"ops.job-run.v1"> {
  const error = { errorCode: "provider.unavailable", errorMessage: "FINRA answers 503" };
  return jobRun({ ...NOT_OVER, ...error, state: "FAILED", ...known });
}

export function jobSkipped(known: Partial<JobRun> = {}): StageEvent<"ops.job-run.v1"> {
  const nothing = { ...NOT_OVER, attempt: 0, startedAt: null };
  return jobRun({ ...nothing, state: "SKIPPED", reason: "superseded", ...known });
}

/** That the check of FINRA's schedule at ten o'clock found other dates, unless told otherwise. */
export function alertRaised(known: Partial<AlertRaised> = {}): StageEvent<"ops.alert-raised.v1"> {
  const subject = "check-finra-schedule";
  const value: AlertRaised = {
    kind: "schedule.differs",
    severity: "WARNING",
    subject,
    happenedAt: TEN_O_CLOCK,
    raisedAt: TEN_O_CLOCK + 1_800_000,
    finding: "2021-01-15 is due on 2021-01-21, by the calendar on 2021-01-20",
    advice: "compare the page with GET /short-interest/schedule",
    causeId: jobRunId(subject, TEN_O_CLOCK),
    simulated: false,
    ...known,
  };
  const { subject: key } = value;
  const id = operationalAlertId(value);
  return { topic: "ops.alert-raised.v1", id, key, value, checksum: 0, late: false };
}

/** That Yahoo was called forty times in the hour to ten o'clock, as usual, unless told otherwise. */
export function hourMetric(known: Partial<HourMetric> = {}): StageEvent<"ops.hour-metric.v1"> {
  const value: HourMetric = {
    metric: "provider.calls",
    subject: "yahoo",
    simulated: false,
    happenedAt: TEN_O_CLOCK,
    sessionMinutes: 30,
    value: 40,
    samples: 40,
    verdict: "USUAL",
    reason: null,
    usual: 41,
    score: -0.2,
    hours: 20,
    ...known,
  };
  const { metric: key } = value;
  const id = hourMetricId(value);
  return { topic: "ops.hour-metric.v1", id, key, value, checksum: 0, late: false };
}
