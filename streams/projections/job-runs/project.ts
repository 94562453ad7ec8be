import type { JobRun } from "@amc/schemas/generated/events";
import { jobRunId } from "../../jobs/run-id.ts";
import { shortInterestJobType } from "../../jobs/short-interest-jobs.ts";
import type { StageEvent } from "../../kernel/stage.ts";
import type { RowChange } from "../change.ts";

/** Where a run stands, and for a job of short interest the row of the requirements. */
export function projectJobRun(
  { id, value }: StageEvent<"ops.job-run.v1">,
  record: Uint8Array,
): readonly RowChange[] {
  const { job, dueAt, state, attempt, retryAt } = value;
  const run = { run_id: jobRunId(job, dueAt), job, steps: stepsOf(value) };
  const rows: RowChange[] = [
    {
      table: "job_runs",
      row: {
        ...run,
        due_at: dueAt,
        state,
        attempt,
        retry_at: retryAt,
        event_id: id,
        event: record,
      },
    },
  ];
  const type = shortInterestJobType(job);
  if (type === null || value.startedAt === null) return rows;
  const isOver = state !== "STARTED" && retryAt === null;
  const endedAt = state === "STARTED" ? null : value.happenedAt;
  return [
    ...rows,
    {
      table: "short_interest_jobs",
      row: {
        ...run,
        job_type: type,
        status: statusOf(value),
        started_at: value.startedAt,
        completed_at: isOver ? endedAt : null,
        symbols_processed: value.processed,
        symbols_successful: value.successful,
        symbols_failed: value.failed,
        error_details: detailsOf(value),
        processing_time_seconds: secondsBetween(value.startedAt, endedAt),
        next_run_at: retryAt ?? value.nextDueAt,
        event_id: id,
      },
    },
  ];
}

/** Each attempt begins and ends; a run that is skipped without one has made none. */
function stepsOf({ attempt, state }: JobRun): number {
  return attempt * 2 - (state === "STARTED" ? 1 : 0);
}

function statusOf({ state, retryAt }: JobRun): "running" | "completed" | "failed" | "pending" {
  if (state === "STARTED") return "running";
  if (state === "FAILED") return retryAt === null ? "failed" : "pending";
  return "completed";
}

function detailsOf({ errorCode, errorMessage, reason }: JobRun) {
  if (errorCode !== null) return { code: errorCode, message: errorMessage };
  return reason === null ? null : { skipped: reason };
}

/** Never negative: a clock may be set back in the middle of a run. */
function secondsBetween(fromMs: number, toMs: number | null): number | null {
  return toMs === null ? null : Math.max(0, Math.round((toMs - fromMs) / 1_000));
}
