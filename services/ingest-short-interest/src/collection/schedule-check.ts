import type { ProviderAsker } from "@amc/platform/http/provider-client";
import { failureOf } from "@amc/platform/jobs/job-error";
import type { JobHandler } from "@amc/platform/jobs/job-runner";
import type { Log } from "@amc/platform/log/port";
import type { JobName } from "@amc/streams/jobs/job-table";
import type { OperationalFinding } from "@amc/streams/jobs/operational-alerts";
import { differencesFrom, listedPeriods } from "@amc/streams/short-interest/schedule-page";
import { scheduleInForce } from "./schedule-by-hand.ts";

export type ScheduleErrorCode = "schedule.unreadable" | "schedule.differs";

/** FINRA's page could not be read, or says otherwise than the schedule in force, which stays. */
export class ScheduleError extends Error {
  readonly code: ScheduleErrorCode;
  readonly facts: { readonly url: string; readonly differences: readonly string[] };

  constructor(code: ScheduleErrorCode, message: string, facts: ScheduleError["facts"]) {
    super(message);
    this.name = "ScheduleError";
    this.code = code;
    this.facts = facts;
  }
}

export function isScheduleError(error: unknown): error is ScheduleError {
  return error instanceof ScheduleError;
}

/** What whoever gets an alert of each kind does about it. */
const ADVICE = {
  "schedule.differs":
    "compare the page with GET /short-interest/schedule; if FINRA is right, npm run amc -- control finra-schedule/<settlement date> decides a period by hand",
  "schedule.unreadable": "see whether FINRA has moved the page, and set FINRA_SCHEDULE_URL",
  "schedule.unchecked":
    "GET /jobs/runs?job=check-finra-schedule says what failed; see whether the page is where FINRA_SCHEDULE_URL says",
} as const;

/**
 * What operators hear of a check that was given up (R-ING-04), null of other jobs; `simulated` where a mock
 * had the page.
 */
export function scheduleAlert(
  job: JobName,
  error: unknown,
  simulated: boolean,
): OperationalFinding | null {
  if (job !== SCHEDULE_CHECK) return null;
  const { errorMessage: finding } = failureOf(error);
  const kind = isScheduleError(error) ? error.code : "schedule.unchecked";
  return { kind, severity: "WARNING", finding, advice: ADVICE[kind], simulated };
}

/** Of a page that differs in everything the first say enough. */
const DIFFERENCES_SHOWN = 5;

export interface ScheduleCheckOptions {
  readonly log: Log;
  readonly client: ProviderAsker;
  /** `FINRA_SCHEDULE_URL`. */
  readonly url: string;
  /** Told of a page that says what the calendar says. */
  readonly onChecked: (periods: number) => void;
  /** `FINRA_SCHEDULE_CHECK_ENABLED`. */
  readonly isEnabled: boolean;
}

const SCHEDULE_CHECK = "check-finra-schedule" satisfies JobName;

/** The job of FINRA's schedule; where nobody wants it, its runs are skipped and say so. */
export function scheduleJobs(options: ScheduleCheckOptions): ReadonlyMap<JobName, JobHandler> {
  const skip: JobHandler = async () => ({ skipped: "switched-off" });
  return new Map([[SCHEDULE_CHECK, options.isEnabled ? scheduleCheck(options) : skip]]);
}

/**
 * Reads the schedule that FINRA publishes and compares it with the one in force (R-ING-04). What
 * differs fails the run and changes nothing: a page that somebody redesigned must not move dates.
 * Throws ProviderError when FINRA does not answer, else ScheduleError.
 */
function scheduleCheck({ log, client, url, onChecked }: ScheduleCheckOptions): JobHandler {
  return async (atMs, signal) => {
    const { answer: html } = await client.ask({
      endpoint: "short-interest-schedule",
      request: { url: new URL(url), accept: ["text/html"] },
      read: ({ body }) => body.toString(),
      signal,
    });
    const periods = listedPeriods(html);
    if (periods === null) {
      const message = `no table of settlement and due dates was found at ${url}; the schedule stays as it is: see whether FINRA has moved the page, and set FINRA_SCHEDULE_URL`;
      throw new ScheduleError("schedule.unreadable", message, { url, differences: [] });
    }
    const differences = differencesFrom(periods, await scheduleInForce(log, atMs));
    if (differences.length > 0) {
      const shown = differences.slice(0, DIFFERENCES_SHOWN);
      const more =
        differences.length > shown.length ? ` and ${differences.length - shown.length} more` : "";
      const message = `FINRA's schedule differs from the one in force, which stays: ${shown.join("; ")}${more}; if FINRA is right, npm run amc -- control finra-schedule/<settlement date> decides a period by hand`;
      throw new ScheduleError("schedule.differs", message, { url, differences: shown });
    }
    const { length } = periods;
    onChecked(length);
    return { processed: length, successful: length, failed: 0 };
  };
}
