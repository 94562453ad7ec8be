import type { ConfigProblem } from "./config-error.ts";
import type { VariableName } from "./variables.ts";

const PREFIX = "CELERY_";

/** What stands in for a variable of the planning documents: another one, or why none is needed. */
type Successor = VariableName | { readonly why: string };

/** Variables of celery, whose place the scheduler has taken (R-PY-12, R-ENV-13, R-ENV-17). */
const SUCCESSORS: Readonly<Record<string, Successor>> = {
  CELERY_BROKER_URL: "KAFKA_BROKERS",
  CELERY_RESULT_BACKEND: { why: "what became of a job is in the log, at GET /jobs and /jobs/runs" },
  CELERY_TIMEZONE: { why: "jobs are due by the time of New York, the cleanup by UTC" },
  CELERY_BEAT_SCHEDULE_ENABLED: "SCHEDULER_ENABLED",
  CELERY_WORKER_CONCURRENCY: "SCHEDULER_JOB_CONCURRENCY",
  CELERY_TASK_ALWAYS_EAGER: "SCHEDULER_JOBS_INLINE",
};

/**
 * A setting that somebody still gives under its former name would be left without effect, and nobody would
 * see it: it is refused with what to give instead.
 */
export function replacedVariables(
  environment: Readonly<Record<string, string | undefined>>,
): readonly ConfigProblem[] {
  return Object.keys(environment)
    .filter((name) => name.startsWith(PREFIX) && environment[name] !== "")
    .map((variable) => ({ variable, message: adviceOn(variable) }));
}

function adviceOn(variable: string): string {
  const successor = Object.hasOwn(SUCCESSORS, variable) ? SUCCESSORS[variable] : undefined;
  if (successor === undefined) return "leave it out: there is no celery, SCHEDULER_* is about jobs";
  return typeof successor === "string"
    ? `give ${successor} instead: there is no celery`
    : `leave it out: there is no celery, and ${successor.why}`;
}
