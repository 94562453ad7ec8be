import { describe, expect, it } from "vitest";
import { TEN_O_CLOCK } from "../../testing/features-builder.ts";
import { jobFailed, jobRun, jobSkipped, jobStarted } from "../../testing/job-events.ts";
import { projectJobRun } from "./project.ts";

const RECORD = Uint8Array.of(1, 2, 3);
const rowsOf = (event: ReturnType<typeof jobRun>) => projectJobRun(event, RECORD);
const shortInterestRow = (event: ReturnType<typeof jobRun>) =>
  rowsOf(event).find(({ table }) => table === "short_interest_jobs")?.row;
const run = (event: ReturnType<typeof jobRun>) => rowsOf(event)[0]?.row;

describe("a run of a job", () => {
  it("is one row, whatever it comes to, and the later of its steps stays", () => {
    const retryAt = TEN_O_CLOCK + 900_000;
    const steps = [
      jobSkipped(),
      jobStarted(),
      jobFailed({ retryAt }),
      jobStarted({ attempt: 2 }),
      // Its clock was set back in between.
      jobRun({ attempt: 2, happenedAt: TEN_O_CLOCK - 3_600_000 }),
    ].map((event) => run(event));
    expect(new Set(steps.map((row) => row && "run_id" in row && row.run_id)).size).toBe(1);
    expect(steps).toMatchObject([
      { steps: 0, state: "SKIPPED", attempt: 0 },
      { steps: 1, state: "STARTED", attempt: 1, retry_at: null },
      { steps: 2, state: "FAILED", attempt: 1, retry_at: retryAt },
      { steps: 3, state: "STARTED", attempt: 2 },
      { steps: 4, state: "SUCCEEDED", attempt: 2, event: RECORD },
    ]);
  });

  it("is another one for another instant or another job", () => {
    const runs = [jobRun(), jobRun({ dueAt: TEN_O_CLOCK + 1 }), jobRun({ job: "data_cleanup" })];
    expect(new Set(runs.map((event) => JSON.stringify(run(event)))).size).toBe(3);
  });
});

describe("short_interest_jobs (R-SI-15)", () => {
  it("has counts, duration and next run of a collection", () => {
    expect(shortInterestRow(jobRun())).toMatchObject({
      ...{ job_type: "data_collection", status: "completed", job: "collect-short-interest-data" },
      ...{ started_at: TEN_O_CLOCK + 2_000, completed_at: TEN_O_CLOCK + 62_400 },
      ...{ symbols_processed: 12, symbols_successful: 10, symbols_failed: 2 },
      ...{ processing_time_seconds: 60, next_run_at: TEN_O_CLOCK + 5 * 86_400_000 },
      error_details: null,
    });
  });

  it.each([
    ["check-finra-schedule", "schedule_check"],
    ["short_interest_check", "data_collection"],
    ["finra_weekly_short_interest", "data_collection"],
    ["finra_daily_short_volume", "data_collection"],
    ["validate-data-quality", "quality_validation"],
  ])("has %s as %s", (job, type) => {
    expect(shortInterestRow(jobRun({ job }))).toMatchObject({ job_type: type });
  });

  it("says why a run failed, and when it is tried again", () => {
    const retryAt = TEN_O_CLOCK + 900_000;
    const details = { code: "provider.unavailable", message: "FINRA answers 503" };
    expect(shortInterestRow(jobFailed({ retryAt }))).toMatchObject({
      ...{ status: "pending", error_details: details, completed_at: null, next_run_at: retryAt },
      symbols_processed: null,
    });
    expect(shortInterestRow(jobFailed())).toMatchObject({
      ...{ status: "failed", completed_at: TEN_O_CLOCK + 62_400 },
    });
  });

  it("is running until it is over, and nothing is known of it until then", () => {
    expect(shortInterestRow(jobStarted())).toMatchObject({
      ...{ status: "running", completed_at: null, processing_time_seconds: null },
      symbols_processed: null,
    });
  });

  it("has neither a run that was skipped before it began nor a job of something else", () => {
    expect(shortInterestRow(jobSkipped())).toBeUndefined();
    expect(shortInterestRow(jobRun({ job: "data_cleanup" }))).toBeUndefined();
    expect(shortInterestRow(jobSkipped({ attempt: 1, startedAt: TEN_O_CLOCK }))).toMatchObject({
      ...{ status: "completed", error_details: { skipped: "superseded" } },
    });
  });
});
