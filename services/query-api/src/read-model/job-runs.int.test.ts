import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import { DAY_MS } from "@amc/streams/market/calendar-date";
import { TEN_O_CLOCK } from "@amc/streams/testing/features-builder";
import { jobFailed, jobRun, jobSkipped, jobStarted } from "@amc/streams/testing/job-events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { insertEvent } from "../testing/insert-story.ts";
import type { JobRunsQuery } from "./port.ts";
import { createPostgresReadModel } from "./postgres-read-model.ts";

const day = (days: number) => ({ dueAt: TEN_O_CLOCK - days * DAY_MS });
const cleanup = { job: "data_cleanup" };
const RETRY = { retryAt: TEN_O_CLOCK + 900_000 };

/** As the projector leaves them: the newest step of each run. */
const EVENTS = [
  ...[jobRun(day(0)), jobFailed(day(3)), jobSkipped(day(5)), jobRun(day(40))],
  ...[jobStarted({ ...cleanup, ...day(0) }), jobFailed({ ...cleanup, ...day(1), ...RETRY })],
];

describe("runs of jobs in PostgreSQL", () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await startTestPostgres();
    const pool = database.pool("projector");
    for (const event of EVENTS) await insertEvent(pool, event, new Map());
  });
  afterAll(() => database.drop());

  const read = () => createPostgresReadModel(database.pool("api"));
  const runs = (known: Partial<JobRunsQuery>) =>
    read().read((view) =>
      view.jobRuns({
        ...{ job: null, state: null, limit: 10, after: null, asOfMs: null },
        ...{ fromMs: null, toMs: null, ...known },
      }),
    );

  it("are read newest first by the instant of their schedule, under an id of the run", async () => {
    const all = await runs({});
    expect(all.map(({ event }) => event.dueAt)).toEqual(
      EVENTS.map(({ value }) => value.dueAt).sort((a, b) => b - a),
    );
    expect(new Set(all.map(({ id }) => id)).size).toBe(EVENTS.length);
    const [first, second] = all;
    const after = { atMs: first?.event.dueAt ?? 0, id: first?.id ?? "" };
    expect((await runs({ after, limit: 1 }))[0]).toEqual(second);
  });

  it("are found by job, state and span", async () => {
    const found = await runs({ job: "data_cleanup", state: "FAILED", ...{ fromMs: day(2).dueAt } });
    expect(found.map(({ event }) => event)).toEqual([EVENTS[5]?.value]);
    expect(await runs({ state: "SKIPPED", toMs: day(5).dueAt })).toEqual([]);
  });

  it("R-JOB-20: stand by job, a run that waits for another attempt not counted as failed", async () => {
    const standings = await read().read((view) => view.jobStandings(day(30).dueAt));
    expect(standings).toMatchObject([
      {
        ...{ job: "collect-short-interest-data", succeeded: 1, failed: 1, skipped: 1 },
        ...{ lastSuccessDueAt: TEN_O_CLOCK, newest: EVENTS[0]?.value },
      },
      { job: "data_cleanup", succeeded: 0, failed: 0, lastSuccessDueAt: null },
    ]);
  });

  it("R-SI-15: are rows of short_interest_jobs with their counts", async () => {
    const { rows } = await database.pool("api").query(
      `SELECT job_type, status, symbols_processed, processing_time_seconds FROM short_interest_jobs
       ORDER BY started_at DESC, status`,
    );
    const collection = { job_type: "data_collection" };
    expect(rows).toEqual([
      { ...collection, status: "completed", symbols_processed: 12, processing_time_seconds: 60 },
      { ...collection, status: "completed", symbols_processed: 12, processing_time_seconds: 60 },
      { ...collection, status: "failed", symbols_processed: null, processing_time_seconds: 60 },
    ]);
  });
});
