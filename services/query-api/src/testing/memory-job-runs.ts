import type { JobRun } from "@amc/schemas/generated/events";
import type { JobRunsQuery, JobStanding, ReadView, Stored } from "../read-model/port.ts";

/** Reads of runs in memory, each given as it stands. */
export function jobReads(
  jobs: readonly Stored<JobRun>[],
): Pick<ReadView, "jobRuns" | "jobStandings"> {
  const newestFirst = jobs.toSorted(
    (a, b) => b.event.dueAt - a.event.dueAt || (a.id < b.id ? 1 : -1),
  );
  return {
    jobRuns: async (query) =>
      newestFirst.filter((run) => isWanted(run, query)).slice(0, query.limit),
    jobStandings: async (sinceMs) => {
      const recent = newestFirst.filter(({ event }) => event.dueAt >= sinceMs);
      const names = [...new Set(recent.map(({ event }) => event.job))].sort();
      return names.flatMap((job) => standingOf(recent.filter(({ event }) => event.job === job)));
    },
  };
}

function isWanted({ id, event }: Stored<JobRun>, query: JobRunsQuery): boolean {
  const { job, state, fromMs, toMs, after } = query;
  if (job !== null && event.job !== job) return false;
  if (state !== null && event.state !== state) return false;
  if (fromMs !== null && event.dueAt < fromMs) return false;
  if (toMs !== null && event.dueAt >= toMs) return false;
  if (after === null) return true;
  return event.dueAt < after.atMs || (event.dueAt === after.atMs && id < after.id);
}

function standingOf(runs: readonly Stored<JobRun>[]): JobStanding[] {
  const [newest] = runs;
  if (newest === undefined) return [];
  const succeeded = runs.filter(({ event }) => event.state === "SUCCEEDED");
  return [
    {
      job: newest.event.job,
      newestId: newest.id,
      newest: newest.event,
      lastSuccessDueAt: succeeded[0]?.event.dueAt ?? null,
      succeeded: succeeded.length,
      failed: runs.filter(({ event }) => event.state === "FAILED" && event.retryAt === null).length,
      skipped: runs.filter(({ event }) => event.state === "SKIPPED").length,
    },
  ];
}
