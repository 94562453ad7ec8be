import type { JobName } from "@amc/streams/jobs/job-table";
import { describe, expect, it } from "vitest";
import { createMemoryLog } from "../log/memory.ts";
import type { Log, LogRecord } from "../log/port.ts";
import { logWithCommit } from "../log/testing/log-with-commit.ts";
import { systemLayout } from "../runtime/layout.ts";
import type { JobHandler, JobRunEnd } from "./job-runner.ts";
import { JobWorker } from "./job-worker.ts";
import { jobTick } from "./testing/job-tick.ts";
import { ManualClock } from "./testing/manual-clock.ts";
import { runsTold } from "./testing/runs-told.ts";

const GROUP = "jobs.projector";
const DAY_MS = 86_400_000;
const FIRST = Date.UTC(2025, 8, 4, 2);
const WAIT_MS = 300_000;

const newLog = () => createMemoryLog(systemLayout(3), () => 0);
const tick = (job: JobName, atMs: number) => jobTick(job, atMs);

interface Working {
  readonly clock?: ManualClock;
  readonly handlers?: ReadonlyMap<JobName, JobHandler>;
  readonly concurrency?: number;
}

/** A worker of one job that says what it did. */
async function workerOf(log: Log, done: string[], handler: JobHandler | Working = {}) {
  const known = typeof handler === "function" ? {} : handler;
  const work: JobHandler = typeof handler === "function" ? handler : async () => null;
  const { clock = new ManualClock(FIRST), concurrency = 2 } = known;
  const handlers = known.handlers ?? new Map<JobName, JobHandler>([["data_cleanup", work]]);
  return await JobWorker.open({
    ...{ log, clock, group: GROUP, source: "/test", handlers, concurrency },
    onEnded: (end) => done.push(textOf(end)),
    onRefused: ({ headers }) => done.push(`refused: ${headers["dlq-code"]}`),
  });
}

function textOf({ job, atMs, state, attempt, error, outcome, retryAt }: JobRunEnd): string {
  const run = `${job} ${(atMs - FIRST) / DAY_MS}`;
  if (state === "SUCCEEDED") return run;
  if (state === "SKIPPED") {
    return `${run} ${outcome !== null && "skipped" in outcome ? outcome.skipped : ""}`;
  }
  return `${run}: attempt ${attempt}, ${String(error)}${retryAt === null ? "" : ", again"}`;
}

async function historyOf(log: Log): Promise<string[]> {
  return (await runsTold(log)).map(({ dueAt, attempt, state, reason, errorCode }) =>
    [(dueAt - FIRST) / DAY_MS, attempt, state, reason ?? errorCode ?? ""].join(" ").trim(),
  );
}

async function lettersIn(log: Log): Promise<LogRecord[]> {
  const letters = [0, 1, 2].map((partition) =>
    log.read("ops.job-tick.v1.dlq", partition, 0, { maxRecords: 10, maxBytes: 1e6 }),
  );
  return (await Promise.all(letters)).flat();
}

const never = new AbortController().signal;

describe("a worker of jobs", () => {
  it("does each run of its own jobs once, over a restart too, and leaves others alone", async () => {
    const log = newLog();
    const done: string[] = [];
    await log.commit({ appends: [tick("health_check", FIRST), tick("data_cleanup", FIRST)] });
    const worker = await workerOf(log, done);
    expect(await worker.workOff(never)).toBe(true);
    expect(await worker.workOff(never)).toBe(false);
    await log.commit({ appends: [tick("data_cleanup", FIRST + DAY_MS)] });
    const next = await workerOf(log, done);
    await next.workOff(never);
    expect(done).toEqual(["data_cleanup 0", "data_cleanup 1"]);
    await log.commit({ appends: [tick("data_cleanup", FIRST + 2 * DAY_MS)] });
    await expect(worker.workOff(never)).rejects.toMatchObject({ code: "log.fenced" });
  });

  it("does a run once however often its tick is there, also when an older one comes behind", async () => {
    const log = newLog();
    const done: string[] = [];
    await log.commit({ appends: [tick("data_cleanup", FIRST), tick("data_cleanup", FIRST)] });
    await (await workerOf(log, done)).workOff(never);
    const copies = [tick("data_cleanup", FIRST), tick("data_cleanup", FIRST - DAY_MS)];
    await log.commit({ appends: copies });
    const worker = await workerOf(log, done);
    await worker.workOff(never);
    expect(done).toEqual(["data_cleanup 0"]);
    expect(await historyOf(log)).toEqual(["0 1 STARTED", "0 1 SUCCEEDED"]);
    expect((await log.positions(GROUP, 0)).reduce((sum, { next }) => sum + next, 0)).toBe(4);
  });

  it("does of the runs that wait the newest, and tells that it does the work of the others", async () => {
    const log = newLog();
    const done: string[] = [];
    const days = [0, 1, 2].map((day) => tick("data_cleanup", FIRST + day * DAY_MS));
    await log.commit({ appends: days });
    await (await workerOf(log, done)).workOff(never);
    expect(done).toEqual([
      "data_cleanup 0 superseded",
      "data_cleanup 1 superseded",
      "data_cleanup 2",
    ]);
    const [skipped] = await runsTold(log);
    expect(skipped).toMatchObject({
      ...{ job: "data_cleanup", dueAt: FIRST, happenedAt: FIRST, state: "SKIPPED", attempt: 0 },
      ...{ reason: "superseded", startedAt: null, nextDueAt: FIRST + DAY_MS },
    });
  });

  it("tells what a run has counted, how long it took and when the next one is due", async () => {
    const log = newLog();
    const done: string[] = [];
    const clock = new ManualClock(FIRST + 1_000);
    await log.commit({ appends: [tick("data_cleanup", FIRST)] });
    const counts = { processed: 7, successful: 5, failed: 2 };
    const handler: JobHandler = async () => {
      clock.jumpTo(FIRST + 4_000);
      return counts;
    };
    const handlers = new Map<JobName, JobHandler>([["data_cleanup", handler]]);
    await (await workerOf(log, done, { clock, handlers })).workOff(never);
    const [started, ended] = await runsTold(log);
    const at = { startedAt: FIRST + 1_000, nextDueAt: FIRST + DAY_MS, attempt: 1 };
    expect(started).toMatchObject({ ...at, state: "STARTED", happenedAt: FIRST + 1_000 });
    expect(ended).toMatchObject({
      ...at,
      ...counts,
      state: "SUCCEEDED",
      happenedAt: FIRST + 4_000,
    });
  });

  it("dead-letters a tick that it cannot read, once, says so, and does the next one", async () => {
    const log = newLog();
    const done: string[] = [];
    const unreadable = { ...tick("data_cleanup", FIRST), value: Uint8Array.of(0, 0, 0, 0, 99, 1) };
    await log.commit({ appends: [unreadable, tick("data_cleanup", FIRST + DAY_MS)] });
    await (await workerOf(log, done)).workOff(never);
    await (await workerOf(log, done)).workOff(never);
    expect(done).toEqual(["refused: envelope.unknown-schema", "data_cleanup 1"]);
    const letters = await lettersIn(log);
    expect(letters).toEqual([
      expect.objectContaining({ key: "data_cleanup", value: unreadable.value }),
    ]);
    expect(letters[0]?.headers).toMatchObject({
      ...{ "dlq-topic": "ops.job-tick.v1", "dlq-offset": "0", "dlq-stage": GROUP },
      "dlq-reason": expect.stringContaining("99"),
    });
  });

  it("ends after the run in hand, and leaves the others to whoever comes next", async () => {
    const log = newLog();
    const done: string[] = [];
    await log.commit({ appends: [tick("data_cleanup", FIRST)] });
    const stop = new AbortController();
    const worker = await workerOf(log, done, async () => {
      await log.commit({ appends: [tick("data_cleanup", FIRST + DAY_MS)] });
      stop.abort();
      return null;
    });
    await worker.run(stop.signal);
    expect(done).toEqual(["data_cleanup 0"]);
    await (await workerOf(log, done)).workOff(never);
    expect(done).toEqual(["data_cleanup 0", "data_cleanup 1"]);
  });

  it("ends when it is stopped while it reads what has been asked for", async () => {
    const log = newLog();
    const done: string[] = [];
    await log.commit({ appends: [tick("data_cleanup", FIRST)] });
    const stop = new AbortController();
    const stopping: Log = {
      ...logWithCommit(log, (commit) => log.commit(commit)),
      read: async (...place) => {
        const records = await log.read(...place);
        if (records.length > 0) stop.abort();
        return records;
      },
    };
    await (await workerOf(stopping, done)).run(stop.signal);
    expect(done).toEqual([]);
    await (await workerOf(log, done)).workOff(never);
    expect(done).toEqual(["data_cleanup 0"]);
  });
});

describe("a run that fails", () => {
  const ticks = [tick("data_cleanup", FIRST)];

  it("is tried again after its wait, as often as its job says, and then given up", async () => {
    const log = newLog();
    const done: string[] = [];
    const clock = new ManualClock(FIRST);
    await log.commit({ appends: ticks });
    const handler: JobHandler = async () => {
      throw new Error("the table is locked");
    };
    const handlers = new Map<JobName, JobHandler>([["data_cleanup", handler]]);
    const worked = (await workerOf(log, done, { clock, handlers })).workOff(never);
    for (const attempt of [1, 2]) {
      await clock.asleep(1);
      expect(done).toHaveLength(attempt);
      await clock.pass(WAIT_MS - 1);
      expect(done).toHaveLength(attempt);
      await clock.pass(1);
    }
    await worked;
    const failed = "Error: the table is locked";
    expect(done).toEqual([
      `data_cleanup 0: attempt 1, ${failed}, again`,
      `data_cleanup 0: attempt 2, ${failed}, again`,
      `data_cleanup 0: attempt 3, ${failed}`,
    ]);
    const told = await runsTold(log);
    expect(new Set(told.map(({ id }) => id)).size).toBe(6);
    expect(told.at(-1)).toMatchObject({ errorCode: "unknown", retryAt: null, attempt: 3 });
    expect(told.at(-1)?.errorMessage).not.toContain("locked");
  });

  it("has not failed when its end cannot be told: the worker ends, and the next one does it again", async () => {
    const log = newLog();
    const done: string[] = [];
    await log.commit({ appends: ticks });
    let commits = 0;
    const refusing = logWithCommit(log, (commit) => {
      commits += 1;
      // The first tells of the beginning, the second of the end.
      return commits === 2 ? Promise.reject(new Error("away")) : log.commit(commit);
    });
    await expect((await workerOf(refusing, done)).workOff(never)).rejects.toThrow("away");
    expect(done).toEqual([]);
    expect((await historyOf(log)).filter((run) => run.includes("FAILED"))).toEqual([]);
    await (await workerOf(log, done)).workOff(never);
    expect(done.at(-1)).toBe("data_cleanup 0");
  });

  it("is ended at its deadline, and says so", async () => {
    const log = newLog();
    const done: string[] = [];
    const clock = new ManualClock(FIRST);
    await log.commit({ appends: ticks });
    const handler: JobHandler = async (_atMs, signal) => {
      await clock.sleep(Number.POSITIVE_INFINITY, signal);
      signal.throwIfAborted();
      return null;
    };
    const handlers = new Map<JobName, JobHandler>([["data_cleanup", handler]]);
    const stop = new AbortController();
    const worked = (await workerOf(log, done, { clock, handlers })).run(stop.signal);
    await clock.asleep(2);
    await clock.pass(3_600_000);
    await clock.asleep(1);
    stop.abort();
    await worked;
    expect(await historyOf(log)).toEqual(["0 1 STARTED", "0 1 FAILED job.deadline"]);
  });

  it("goes on where it stood when whoever tried it was killed while it waited", async () => {
    const log = newLog();
    const done: string[] = [];
    const clock = new ManualClock(FIRST);
    await log.commit({ appends: ticks });
    const stop = new AbortController();
    const failing: JobHandler = async () => {
      throw new Error("no");
    };
    const handlers = new Map<JobName, JobHandler>([["data_cleanup", failing]]);
    const worked = (await workerOf(log, done, { clock, handlers })).run(stop.signal);
    await clock.asleep(1);
    stop.abort();
    await worked;
    const next = (await workerOf(log, done, { clock })).workOff(never);
    await clock.asleep(1);
    await clock.pass(WAIT_MS);
    await next;
    expect(await historyOf(log)).toEqual([
      ...["0 1 STARTED", "0 1 FAILED unknown", "0 2 STARTED", "0 2 SUCCEEDED"],
    ]);
  });
});

describe("a run that waits for another attempt", () => {
  it("waits no longer than its job says when the clock was set back meanwhile (F29)", async () => {
    const log = newLog();
    const done: string[] = [];
    const clock = new ManualClock(FIRST);
    await log.commit({ appends: [tick("data_cleanup", FIRST)] });
    const stop = new AbortController();
    const failing: JobHandler = async () => {
      throw new Error("no");
    };
    const handlers = new Map<JobName, JobHandler>([["data_cleanup", failing]]);
    const worked = (await workerOf(log, done, { clock, handlers })).run(stop.signal);
    await clock.asleep(1);
    stop.abort();
    await worked;
    clock.jumpTo(FIRST - DAY_MS);
    const next = (await workerOf(log, done, { clock })).workOff(never);
    await clock.asleep(1);
    await clock.pass(WAIT_MS);
    await next;
    expect((await historyOf(log)).at(-1)).toBe("0 2 SUCCEEDED");
  });
});

describe("a worker that is killed in the middle of a run", () => {
  /** The log of one that dies at its n-th commit from now on. */
  function dyingAt(log: Log, commits: number): Log {
    let left = commits;
    return logWithCommit(log, async (commit) => {
      left -= 1;
      if (left <= 0) throw new Error("killed");
      return await log.commit(commit);
    });
  }

  it.each([
    [1, ["0 1 STARTED", "0 1 SUCCEEDED"], 1],
    [2, ["0 1 STARTED", "0 1 FAILED job.interrupted", "0 2 STARTED", "0 2 SUCCEEDED"], 2],
  ])(
    "at its commit %d leaves the history %j, and the work is done %d times",
    async (at, history, times) => {
      const log = newLog();
      const done: string[] = [];
      let works = 0;
      const count: JobHandler = async () => {
        works += 1;
        return null;
      };
      await log.commit({ appends: [tick("data_cleanup", FIRST)] });
      const dying = await workerOf(dyingAt(log, at), done, count);
      await expect(dying.workOff(never)).rejects.toThrow("killed");
      await (await workerOf(log, done, count)).workOff(never);
      await (await workerOf(log, done, count)).workOff(never);
      expect(await historyOf(log)).toEqual(history);
      expect(works).toBe(times);
    },
  );

  it("again and again gives the run up: perhaps it is what kills", async () => {
    const log = newLog();
    const done: string[] = [];
    await log.commit({ appends: [tick("data_cleanup", FIRST)] });
    for (let kill = 0; kill < 5; kill += 1) {
      const dying = await workerOf(dyingAt(log, kill === 0 ? 2 : 3), done);
      await expect(dying.workOff(never)).rejects.toThrow("killed");
    }
    await (await workerOf(log, done)).workOff(never);
    expect((await historyOf(log)).at(-1)).toBe("0 5 FAILED job.interrupted");
    expect(done.at(-1)).toContain("attempt 5");
    await (await workerOf(log, done)).workOff(never);
    expect(await historyOf(log)).toHaveLength(10);
  });

  it("would be told twice if its standing were forgotten: the control", async () => {
    const log = newLog();
    const done: string[] = [];
    await log.commit({ appends: [tick("data_cleanup", FIRST), tick("data_cleanup", FIRST)] });
    const forgetful: Log = { ...bound(log), state: async function* () {} };
    await (await workerOf(forgetful, done)).workOff(never);
    await log.commit({ appends: [tick("data_cleanup", FIRST)] });
    await (await workerOf(forgetful, done)).workOff(never);
    expect(await historyOf(log)).not.toEqual(["0 1 STARTED", "0 1 SUCCEEDED"]);
  });

  it("leaves a run that stopped halfway to whoever comes next, and tells nobody that it failed", async () => {
    const log = newLog();
    const done: string[] = [];
    await log.commit({ appends: [tick("data_cleanup", FIRST)] });
    const stop = new AbortController();
    const worker = await workerOf(log, done, async (_atMs, signal) => {
      stop.abort();
      signal.throwIfAborted();
      return null;
    });
    await worker.run(stop.signal);
    expect(done).toEqual([]);
    await (await workerOf(log, done)).workOff(never);
    expect(done).toEqual([
      expect.stringContaining("whoever made the attempt was ended, again"),
      "data_cleanup 0",
    ]);
  });
});

function bound(log: Log): Log {
  return logWithCommit(log, (commit) => log.commit(commit));
}
