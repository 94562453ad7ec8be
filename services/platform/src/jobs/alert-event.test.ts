import { JOBS, type JobName } from "@amc/streams/jobs/job-table";
import type { OperationalFinding } from "@amc/streams/jobs/operational-alerts";
import { jobRunId } from "@amc/streams/jobs/run-id";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMemoryLog } from "../log/memory.ts";
import type { Log } from "../log/port.ts";
import { readPartition } from "../log/read-partition.ts";
import { logWithCommit } from "../log/testing/log-with-commit.ts";
import { decodeRecord } from "../runtime/decode-record.ts";
import { systemLayout } from "../runtime/layout.ts";
import type { JobHandler } from "./job-runner.ts";
import { JobWorker } from "./job-worker.ts";
import { jobTick } from "./testing/job-tick.ts";
import { ManualClock } from "./testing/manual-clock.ts";

const FIRST = Date.UTC(2025, 8, 4, 13);
const JOB = "check-finra-schedule";
const never = new AbortController().signal;
const FINDING: OperationalFinding = {
  ...{ kind: "schedule.differs", severity: "WARNING", simulated: false },
  ...{ finding: "one date\nis another", advice: "compare" },
};

/** A worker whose check fails the first so many times. */
async function workerOf(log: Log, clock: ManualClock, failures: { left: number }) {
  const handler: JobHandler = async () => {
    failures.left -= 1;
    if (failures.left >= 0) throw new Error("it differs");
    return null;
  };
  return await JobWorker.open({
    ...{ log, clock, group: "jobs.short-interest", source: "/test", concurrency: 2 },
    handlers: new Map<JobName, JobHandler>([[JOB, handler]]),
    alertOf: () => FINDING,
    onEnded: () => undefined,
    onRefused: () => undefined,
  });
}

async function alertsIn(log: Log) {
  const alerts = [];
  const topic = "ops.alert-raised.v1";
  for (let partition = 0; partition < log.partitions(topic); partition += 1) {
    const limits = { maxRecords: 100, maxBytes: 1_000_000 };
    for await (const record of readPartition(log, topic, partition, limits)) {
      const decoded = decodeRecord(record, false);
      if (!decoded.ok || decoded.event.topic !== topic) throw new TypeError("no alert");
      alerts.push({ id: decoded.event.id, key: record.key, ...decoded.event.value });
    }
  }
  return alerts;
}

/** Waits pass until the ticks that were asked for are over. */
async function workOff(worker: JobWorker, clock: ManualClock): Promise<void> {
  let isOver = false;
  const worked = worker.workOff(never).finally(() => {
    isOver = true;
  });
  // Never as long as an attempt may take.
  while (!isOver) await clock.pass(60_000 * (clock.sleepers === 1 ? 1 : 0));
  await worked;
}

describe("what operators hear of a run", () => {
  const newLog = () => createMemoryLog(systemLayout(2), () => 0);

  it("is told once it is given up, in the commit that ends it, with the run as its cause", async () => {
    const log = newLog();
    const clock = new ManualClock(FIRST);
    let together = 0;
    const watched = logWithCommit(log, async (commit) => {
      const topics = commit.appends.map(({ topic }) => topic).join(" ");
      if (topics === "ops.job-run.v1 ops.alert-raised.v1") together += 1;
      return await log.commit(commit);
    });
    await log.commit({ appends: [jobTick(JOB, FIRST)] });
    await workOff(await workerOf(watched, clock, { left: JOBS[JOB].attempts }), clock);
    expect(together).toBe(1);
    expect(await alertsIn(log)).toEqual([
      {
        ...FINDING,
        ...{ id: expect.any(String), key: JOB, subject: JOB, causeId: jobRunId(JOB, FIRST) },
        // A line break would not be taken by whoever reads it.
        ...{ finding: "one date is another", happenedAt: FIRST, raisedAt: clock.nowMs() },
      },
    ]);
  });

  it("is nothing where another attempt found that all is well", async () => {
    const log = newLog();
    const clock = new ManualClock(FIRST);
    await log.commit({ appends: [jobTick(JOB, FIRST)] });
    await workOff(await workerOf(log, clock, { left: JOBS[JOB].attempts - 1 }), clock);
    expect(await alertsIn(log)).toEqual([]);
  });

  it("is one event for each run that is given up, however often its tick is there and who takes it", async () => {
    const days = fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(days, async (asked) => {
        const log = newLog();
        const clock = new ManualClock(FIRST);
        for (const day of asked) {
          const atMs = FIRST + day * 86_400_000;
          await log.commit({ appends: [jobTick(JOB, atMs)] });
          await workOff(await workerOf(log, clock, { left: 1_000 }), clock);
        }
        // One that is older than the newest that was done is over already.
        const rising = asked.filter((day, at) => asked.slice(0, at).every((other) => other < day));
        const told = (await alertsIn(log)).map(({ happenedAt }) => happenedAt);
        expect(told.toSorted((a, b) => a - b)).toEqual(
          rising.map((day) => FIRST + day * 86_400_000),
        );
        expect(new Set((await alertsIn(log)).map(({ id }) => id)).size).toBe(rising.length);
      }),
      { numRuns: 30 },
    );
  });
});
