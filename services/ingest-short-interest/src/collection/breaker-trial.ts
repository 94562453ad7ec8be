import { isProviderError } from "@amc/platform/http/provider-error";
import type { JobHandler } from "@amc/platform/jobs/job-runner";
import type { JobName } from "@amc/streams/jobs/job-table";
import { newestPublishedPeriod } from "@amc/streams/short-interest/finra-calendar";
import type { Finra } from "../providers/finra/finra.ts";

/** More successes than any breaker wants before it closes (R-ING-14). */
const CALLS_MAX = 5;

/**
 * R-JOB-16: FINRA is asked a few times a day, so a breaker that its failures opened would stay open until the
 * next collection, which would then be the trial. Every quarter of an hour one that has waited its whole time
 * is tried with as little as can be asked; calls that succeed close it, one that fails opens it anew,
 * and nothing else does. A provider that is asked all the time needs none of this, and a call to Alpha Vantage, of
 * 25 a day, is worth more than an early end of a breaker that the next evening tries anyway.
 */
export function breakerTrialJobs(finra: Finra): ReadonlyMap<JobName, JobHandler> {
  return new Map([["circuit_breaker_reset", trial(finra)]]);
}

/** It counts calls. That FINRA is still away is what the trial was to tell, and no failure of the job. */
function trial(finra: Finra): JobHandler {
  return async (atMs, signal) => {
    const counts = { processed: 0, successful: 0, failed: 0 };
    const { settlementDate } = newestPublishedPeriod(atMs);
    while (finra.awaitsTrial && counts.processed < CALLS_MAX) {
      counts.processed += 1;
      try {
        await finra.answers(settlementDate, signal);
        counts.successful += 1;
      } catch (error) {
        signal.throwIfAborted();
        if (!isProviderError(error)) throw error;
        counts.failed += 1;
      }
    }
    return counts;
  };
}
