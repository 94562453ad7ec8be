import {
  checkCount,
  checkInstant,
  checkText,
  checkTextOrNull,
  checkWithin,
  checkWithinOrNull,
  HEADLINE_LENGTH_MAX,
  type Invalid,
  LATENCY_MS_MAX,
  NAME_LENGTH_MAX,
} from "./domain-checks.ts";
import type {
  AlertRaised,
  CircuitBreaker,
  HourMetric,
  JobRun,
  JobTick,
  ProviderAnswer,
  ProviderCall,
} from "./generated/events.ts";

/** What events about the running system may say: the part of `validateFact` that no market knows. */

/** Of `provider_name` in the tables (R-DB-12). */
const PROVIDER_LENGTH_MAX = 50;
/** More sendings of one question are a loop. */
const ATTEMPTS_MAX = 100;

function checkCalled(call: ProviderAnswer | ProviderCall): Invalid | null {
  return (
    checkInstant(call.happenedAt, "happenedAt") ??
    checkText(call.provider, "provider", 1, PROVIDER_LENGTH_MAX) ??
    checkText(call.endpoint, "endpoint", 1, NAME_LENGTH_MAX) ??
    checkWithin(call.attempt, "attempt", 1, ATTEMPTS_MAX) ??
    checkWithin(call.responseMs, "responseMs", 0, LATENCY_MS_MAX) ??
    checkTextOrNull(call.errorCode, "errorCode", NAME_LENGTH_MAX)
  );
}

export function checkProviderCall(call: ProviderCall): Invalid | null {
  const { statusCode, errorMessage } = call;
  return (
    checkCalled(call) ??
    checkWithinOrNull(statusCode, "statusCode", 100, 599) ??
    checkTextOrNull(errorMessage, "errorMessage", HEADLINE_LENGTH_MAX)
  );
}

export function checkProviderAnswer(answer: ProviderAnswer): Invalid | null {
  return checkCalled(answer) ?? checkInstant(answer.answeredAt, "answeredAt");
}

export function checkCircuitBreaker(event: CircuitBreaker): Invalid | null {
  return (
    checkInstant(event.happenedAt, "happenedAt") ??
    checkText(event.provider, "provider", 1, PROVIDER_LENGTH_MAX) ??
    checkCount(event.failureCount, "failureCount") ??
    checkTextOrNull(event.reason, "reason", NAME_LENGTH_MAX) ??
    (event.autoRecoveryAt === null ? null : checkInstant(event.autoRecoveryAt, "autoRecoveryAt"))
  );
}

export function checkJobTick(tick: JobTick): Invalid | null {
  return (
    checkInstant(tick.happenedAt, "happenedAt") ??
    checkText(tick.job, "job", 1, NAME_LENGTH_MAX) ??
    checkText(tick.source, "source", 1, NAME_LENGTH_MAX)
  );
}

export function checkJobRun(run: JobRun): Invalid | null {
  return (
    checkInstant(run.happenedAt, "happenedAt") ??
    checkInstant(run.dueAt, "dueAt") ??
    checkText(run.job, "job", 1, NAME_LENGTH_MAX) ??
    checkWithin(run.attempt, "attempt", 0, ATTEMPTS_MAX) ??
    checkTextOrNull(run.reason, "reason", NAME_LENGTH_MAX) ??
    checkTextOrNull(run.errorCode, "errorCode", NAME_LENGTH_MAX) ??
    checkTextOrNull(run.errorMessage, "errorMessage", HEADLINE_LENGTH_MAX)
  );
}

export function checkAlertRaised(alert: AlertRaised): Invalid | null {
  return (
    checkInstant(alert.happenedAt, "happenedAt") ??
    checkInstant(alert.raisedAt, "raisedAt") ??
    checkText(alert.kind, "kind", 1, NAME_LENGTH_MAX) ??
    checkText(alert.subject, "subject", 1, NAME_LENGTH_MAX) ??
    checkText(alert.finding, "finding", 1, HEADLINE_LENGTH_MAX) ??
    checkText(alert.advice, "advice", 1, HEADLINE_LENGTH_MAX) ??
    checkText(alert.causeId, "causeId", 1, NAME_LENGTH_MAX)
  );
}

export function checkHourMetric(figure: HourMetric): Invalid | null {
  return (
    checkInstant(figure.happenedAt, "happenedAt") ??
    checkText(figure.metric, "metric", 1, NAME_LENGTH_MAX) ??
    checkText(figure.subject, "subject", 1, NAME_LENGTH_MAX) ??
    checkTextOrNull(figure.reason, "reason", NAME_LENGTH_MAX)
  );
}
