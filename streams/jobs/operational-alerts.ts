import type { AlertRaised } from "@amc/schemas/generated/events";
import { uuidOf } from "../kernel/ids.ts";

/**
 * What operators are told of, by its code. No alert for traders: it follows from what jobs found, which no
 * replay of the facts has, so no stage requests it and no sender of alerts takes it.
 */
export const OPERATIONAL_ALERT_KINDS = [
  /** FINRA's page of reporting dates says other dates than the schedule in force. */
  "schedule.differs",
  /** No table of dates is on it. */
  "schedule.unreadable",
  /** It was not there, or the check ended before it was read. */
  "schedule.unchecked",
  /** Of the runs of jobs in 30 days fewer succeeded than are aimed at (R-JOB-20). */
  "jobs.below-target",
  /** A figure of an hour is far from what such hours have (R-MET-10). */
  "metric.anomaly",
] as const;

export type OperationalAlertKind = (typeof OPERATIONAL_ALERT_KINDS)[number];

/** What is found, without where and when. */
export interface OperationalFinding
  extends Pick<AlertRaised, "severity" | "finding" | "advice" | "simulated"> {
  readonly kind: OperationalAlertKind;
}

/**
 * The same kind about the same thing at the same instant is the same alert, whoever finds it again; of made-up
 * data it is another one.
 */
export function operationalAlertId({
  kind,
  subject,
  happenedAt,
  simulated,
}: Pick<AlertRaised, "kind" | "subject" | "happenedAt" | "simulated">): string {
  const name = `operational-alert/${kind}/${subject}/${happenedAt}`;
  return uuidOf(simulated ? `${name}/simulated` : name);
}
