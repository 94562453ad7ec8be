import { TEN_O_CLOCK } from "@amc/streams/testing/features-builder";
import { jobFailed, jobRun, jobSkipped, jobStarted } from "@amc/streams/testing/job-events";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiUnderTest } from "../testing/api-under-test.ts";
import { memoryReadModel } from "../testing/memory-read-model.ts";
import { story } from "../testing/story.ts";

const DAY_MS = 86_400_000;
const stored = ({ id, value: event }: ReturnType<typeof jobRun>) => ({ id, event });
const day = (days: number) => ({ dueAt: TEN_O_CLOCK - days * DAY_MS });

const RUNS = [
  ...[jobRun(day(0)), jobRun(day(2)), jobFailed(day(5)), jobSkipped(day(7)), jobRun(day(9))],
  ...[jobRun({ job: "data_cleanup", ...day(1) }), jobStarted({ job: "data_cleanup", ...day(0) })],
  jobFailed({ job: "check-finra-schedule", ...day(0), retryAt: TEN_O_CLOCK + 900_000 }),
  // Of before the 30 days.
  jobFailed({ job: "data_cleanup", ...day(40) }),
].map(stored);

describe("GET /jobs", () => {
  let app: FastifyInstance;
  beforeAll(async () => {
    const readModel = memoryReadModel({ story: story(), jobs: RUNS });
    app = await apiUnderTest({ readModel, nowMs: () => TEN_O_CLOCK + 3_600_000 });
  });
  afterAll(() => app.close());

  const answer = async (path: string) => (await app.inject({ url: `/jobs${path}` })).json();

  it("R-JOB-20: says of each job and of all how many runs of 30 days succeeded", async () => {
    const { data } = await answer("");
    expect(data.success).toBe(0.8);
    expect(data.jobs).toMatchObject([
      { job: "check-finra-schedule", succeeded: 0, failed: 0, success: null, lastSuccess: null },
      {
        ...{ job: "collect-short-interest-data", succeeded: 3, failed: 1, skipped: 1 },
        ...{ success: 0.75, lastSuccess: "2021-01-13T15:00:00.000Z" },
        newest: { state: "succeeded", processed: 12, durationMs: 60_400 },
      },
      { job: "data_cleanup", succeeded: 1, failed: 0, success: 1, newest: { state: "started" } },
    ]);
  });

  it("gives the history of the runs, newest first, each with what it came to", async () => {
    const { data } = await answer("/runs?job=collect-short-interest-data");
    expect(data.map((run: { state: string }) => run.state)).toEqual([
      ...["succeeded", "succeeded", "failed", "skipped", "succeeded"],
    ]);
    expect(data[2]).toMatchObject({ errorCode: "provider.unavailable", retryAt: null });
    expect(data[3]).toMatchObject({ reason: "superseded", startedAt: null, durationMs: null });
  });

  it("takes runs by state and by the instants of their schedules", async () => {
    const from = new Date(TEN_O_CLOCK - 6 * DAY_MS).toISOString();
    const { data } = await answer(`/runs?state=failed&from=${from}`);
    expect(data.map((run: { job: string }) => run.job)).toEqual([
      ...["check-finra-schedule", "collect-short-interest-data"],
    ]);
  });

  it("comes in pages that leave nothing out", async () => {
    const all = (await answer("/runs")).data;
    const pages: unknown[] = [];
    for (let cursor = ""; ; ) {
      const page = await answer(`/runs?limit=2${cursor}`);
      pages.push(...page.data);
      if (page.next === null) break;
      cursor = `&cursor=${page.next}`;
    }
    expect(pages).toEqual(all);
    expect(all).toHaveLength(RUNS.length);
  });

  it("refuses a job and a state that there are none of", async () => {
    for (const path of ["/runs?job=nothing", "/runs?state=done"]) {
      expect((await app.inject({ url: `/jobs${path}` })).statusCode).toBe(400);
    }
  });

  it("R-MET-11: shows success and last success as metrics", async () => {
    const { body } = await app.inject({ url: "/metrics" });
    expect(body).toMatch(/^amc_jobs_success_ratio\{span="30d"\} 0\.8$/m);
    expect(body).toMatch(/^amc_job_success_ratio\{job="collect-short-interest-data"\} 0\.75$/m);
    const at = TEN_O_CLOCK / 1_000;
    const last = `amc_job_last_success_timestamp_seconds{job="collect-short-interest-data"} ${at}`;
    expect(body).toContain(`${last}\n`);
  });

  it("says unknown, not whole, of a system whose jobs have done nothing", async () => {
    const empty = await apiUnderTest({ readModel: memoryReadModel({ story: story() }) });
    const { data } = (await empty.inject({ url: "/jobs" })).json();
    const { body } = await empty.inject({ url: "/metrics" });
    await empty.close();
    expect(data).toEqual({ success: null, jobs: [] });
    expect(body).not.toMatch(/^amc_jobs_success_ratio\S* \d/m);
  });
});
