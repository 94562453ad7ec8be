import { encodeEvent } from "@amc/schemas/codec";
import { eventHeaders } from "@amc/schemas/headers";
import { uuidOf } from "@amc/streams/kernel/ids";
import { describe, expect, it } from "vitest";
import { createMemoryLog } from "../log/memory.ts";
import type { Append, Log, LogRecord } from "../log/port.ts";
import { logWithCommit } from "../log/testing/log-with-commit.ts";
import { systemLayout } from "../runtime/layout.ts";
import { type JobHandler, JobWorker } from "./job-worker.ts";

const GROUP = "jobs.projector";
const DAY_MS = 86_400_000;
const FIRST = Date.UTC(2025, 8, 4, 2);

const newLog = () => createMemoryLog(systemLayout(3), () => 0);

function tick(job: string, atMs: number): Append {
  const identity = { id: uuidOf(`${job}/${atMs}`), source: "/test", happenedAt: atMs };
  return {
    ...{ topic: "ops.job-tick.v1", key: job },
    value: encodeEvent("ops.job-tick.v1", { job, happenedAt: atMs, source: "scheduler" }),
    headers: eventHeaders({ ...identity, topic: "ops.job-tick.v1" }),
  };
}

/** A worker of one job that says what it did. */
async function workerOf(log: Log, done: string[], handler: JobHandler = async () => undefined) {
  return await JobWorker.open({
    ...{ log, group: GROUP, handlers: new Map([["data_cleanup", handler]]) },
    onDone: (job, atMs) => done.push(`${job} ${(atMs - FIRST) / DAY_MS}`),
    onFailed: (job, atMs, error) =>
      done.push(`${job} ${(atMs - FIRST) / DAY_MS}: ${String(error)}`),
    onRefused: ({ headers }) => done.push(`refused: ${headers["dlq-code"]}`),
  });
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
    await expect(worker.workOff(never)).rejects.toMatchObject({ code: "log.fenced" });
  });

  it("does a run again that was not committed", async () => {
    const log = newLog();
    const done: string[] = [];
    await log.commit({ appends: [tick("data_cleanup", FIRST)] });
    const dying = logWithCommit(log, () => Promise.reject(new Error("killed")));
    await expect((await workerOf(dying, done)).workOff(never)).rejects.toThrow("killed");
    await (await workerOf(log, done)).workOff(never);
    expect(done).toEqual(["data_cleanup 0", "data_cleanup 0"]);
  });

  it("gives up a run that fails, says why, and does the next one", async () => {
    const log = newLog();
    const done: string[] = [];
    const ticks = [tick("data_cleanup", FIRST), tick("data_cleanup", FIRST + DAY_MS)];
    await log.commit({ appends: ticks });
    const worker = await workerOf(log, done, async (atMs) => {
      if (atMs === FIRST) throw new Error("the table is locked");
    });
    await worker.workOff(never);
    expect(done).toEqual(["data_cleanup 0: Error: the table is locked", "data_cleanup 1"]);
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

  it("leaves a run that stopped halfway to whoever comes next, and tells nobody that it failed", async () => {
    const log = newLog();
    const done: string[] = [];
    await log.commit({ appends: [tick("data_cleanup", FIRST)] });
    const stop = new AbortController();
    const worker = await workerOf(log, done, async (_atMs, signal) => {
      stop.abort();
      signal.throwIfAborted();
    });
    await worker.run(stop.signal);
    expect(done).toEqual([]);
    await (await workerOf(log, done)).workOff(never);
    expect(done).toEqual(["data_cleanup 0"]);
  });

  it("ends after the run in hand, and leaves the others to whoever comes next", async () => {
    const log = newLog();
    const done: string[] = [];
    const ticks = [tick("data_cleanup", FIRST), tick("data_cleanup", FIRST + DAY_MS)];
    await log.commit({ appends: ticks });
    const stop = new AbortController();
    const worker = await workerOf(log, done, async () => stop.abort());
    await worker.run(stop.signal);
    expect(done).toEqual(["data_cleanup 0"]);
    await (await workerOf(log, done)).workOff(never);
    expect(done).toEqual(["data_cleanup 0", "data_cleanup 1"]);
  });
});
