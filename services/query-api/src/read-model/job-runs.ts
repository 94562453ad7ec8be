import { Conditions } from "./conditions.ts";
import type { JobStanding, ReadView } from "./port.ts";
import { instantOrNull, integerOf, type RunQuery, storedEvent, textOf } from "./stored-rows.ts";

const RUN = "ops.job-run.v1";

/** Runs of scheduled jobs, as the tables hold them; the id of a run is that of job and instant. */
export function jobRunReads(run: RunQuery): Pick<ReadView, "jobRuns" | "jobStandings"> {
  return {
    jobRuns: async (query) => {
      const where = new Conditions().equal("job", query.job).equal("state", query.state);
      where.since(query.fromMs).before(query.toMs).page(query);
      const rows = await run(
        `SELECT event_id, event FROM (${RUNS}) AS runs ${where.text} ${where.newestFirst(query)}`,
        where.values,
      );
      return rows.map((row) => storedEvent(RUN, row));
    },
    jobStandings: async (sinceMs) => {
      const rows = await run(STANDINGS, [new Date(sinceMs)]);
      return rows.map((row): JobStanding => {
        const { id, event } = storedEvent(RUN, row);
        return {
          job: textOf(row, "job"),
          newestId: id,
          newest: event,
          lastSuccessDueAt: instantOrNull(row, "last_success_at"),
          succeeded: integerOf(row, "succeeded"),
          failed: integerOf(row, "failed"),
          skipped: integerOf(row, "skipped"),
        };
      });
    },
  };
}

/** A run has a place in time by the instant of its schedule: when it was done may be much later. */
const RUNS = `SELECT run_id AS event_id, event, job, state, due_at AS happened_at FROM job_runs`;

/** A run that waits for another attempt has not failed yet. */
const STANDINGS = `
  SELECT counts.job, last_success_at, succeeded, failed, skipped,
         newest.run_id AS event_id, newest.event
  FROM (
    SELECT job,
           max(due_at) FILTER (WHERE state = 'SUCCEEDED') AS last_success_at,
           (count(*) FILTER (WHERE state = 'SUCCEEDED'))::integer AS succeeded,
           (count(*) FILTER (WHERE state = 'FAILED' AND retry_at IS NULL))::integer AS failed,
           (count(*) FILTER (WHERE state = 'SKIPPED'))::integer AS skipped
    FROM job_runs WHERE due_at >= $1 GROUP BY job) AS counts
  CROSS JOIN LATERAL (
    SELECT run_id, event FROM job_runs
    WHERE job_runs.job = counts.job ORDER BY due_at DESC, run_id DESC LIMIT 1) AS newest
  ORDER BY counts.job`;
