import { setImmediate } from "node:timers/promises";
import { JOBS, type JobName } from "@amc/streams/jobs/job-table";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMemoryLog } from "../log/memory.ts";
import type { Log } from "../log/port.ts";
import { systemLayout } from "../runtime/layout.ts";
import type { JobHandler } from "./job-runner.ts";
import { JobWorker } from "./job-worker.ts";
import { jobTick } from "./testing/job-tick.ts";
import { ManualClock } from "./testing/manual-clock.ts";
import { runsTold } from "./testing/runs-told.ts";

const GROUP = "jobs.short-interest";
const AT = Date.UTC(2025, 8, 3, 14);
const HOUR_MS = 3_600_000;
const COLLECTIONS = [
  "short_interest_check",
  "collect-short-interest-data",
  "finra_daily_short_volume",
] as const satisfies readonly JobName[];

/** Handlers that go on until they are told to end, and what was seen of them. */
class Collections {
  readonly going = new Set<JobName>();
  /** Most that went on at a time, and of one job. */
  most = 0;
  twice = 0;
  readonly ended: JobName[] = [];
  readonly #ends = new Map<JobName, () => void>();

  readonly handlers = new Map<JobName, JobHandler>(
    COLLECTIONS.map((job) => [job, (_atMs, signal) => this.#collect(job, signal)]),
  );

  end(job: JobName): void {
    this.#ends.get(job)?.();
  }

  async #collect(job: JobName, signal: AbortSignal) {
    if (this.going.has(job)) this.twice += 1;
    this.going.add(job);
    this.most = Math.max(this.most, this.going.size);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#ends.set(job, () => resolve());
    signal.addEventListener("abort", () => resolve(), { once: true });
    await promise;
    this.going.delete(job);
    signal.throwIfAborted();
    this.ended.push(job);
    return null;
  }
}

function workerOf(log: Log, collections: Collections, concurrency: number, clock: ManualClock) {
  return JobWorker.open({
    ...{ log, clock, group: GROUP, source: "/test", concurrency },
    handlers: collections.handlers,
    onEnded: () => undefined,
    onRefused: () => undefined,
  });
}

/** Until so many go on, and nothing else could begin. */
async function going(collections: Collections, count: number): Promise<void> {
  while (collections.going.size < count) await setImmediate();
  for (let turn = 0; turn < 5; turn += 1) await setImmediate();
}

describe("collections (R-JOB-21)", () => {
  it.each([1, 2, 3])("go on %d at a time, the others wait", async (concurrency) => {
    const log = createMemoryLog(systemLayout(2), () => 0);
    const clock = new ManualClock(AT);
    const collections = new Collections();
    await log.commit({ appends: COLLECTIONS.map((job) => jobTick(job, AT)) });
    const worker = await workerOf(log, collections, concurrency, clock);
    const worked = worker.workOff(new AbortController().signal);
    for (let left: number = COLLECTIONS.length; left > 0; left -= 1) {
      await going(collections, Math.min(left, concurrency));
      expect(collections.going.size).toBe(Math.min(left, concurrency));
      const [first] = collections.going;
      if (first !== undefined) collections.end(first);
    }
    await worked;
    expect(collections.most).toBe(concurrency);
    expect(collections.ended).toHaveLength(3);
  });

  it("that end out of order are not passed by the position: a kill repeats the one that goes on alone", async () => {
    const log = createMemoryLog(systemLayout(1), () => 0);
    const clock = new ManualClock(AT);
    const collections = new Collections();
    const [check, collect] = COLLECTIONS;
    await log.commit({ appends: [jobTick(check, AT), jobTick(collect, AT)] });
    const stop = new AbortController();
    const worked = (await workerOf(log, collections, 2, clock)).run(stop.signal);
    await going(collections, 2);
    collections.end(collect);
    while ((await runsTold(log)).length < 3) await setImmediate();
    expect(await log.positions(GROUP, 0)).toEqual([]);
    stop.abort();
    await worked;
    const again = new Collections();
    const next = (await workerOf(log, again, 2, clock)).workOff(new AbortController().signal);
    await going(again, 1);
    again.end(check);
    await next;
    expect(again.ended).toEqual([check]);
    expect(await log.positions(GROUP, 0)).toMatchObject([{ next: 2 }]);
  });

  it("are never two of one job, and each run is told once, whatever is asked for and whenever a worker ends", async () => {
    const step = fc.oneof(
      fc.record({ ask: fc.constantFrom(...COLLECTIONS), hours: fc.nat({ max: 3 }) }),
      fc.record({ end: fc.constantFrom(...COLLECTIONS) }),
      fc.constant({ kill: true } as const),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const log = createMemoryLog(systemLayout(2), () => 0);
        const clock = new ManualClock(AT);
        const collections = new Collections();
        let stop = new AbortController();
        let worked = (await workerOf(log, collections, 2, clock)).run(stop.signal);
        for (const next of steps) {
          if ("ask" in next) {
            await log.commit({ appends: [jobTick(next.ask, AT + next.hours * HOUR_MS)] });
          } else if ("end" in next) {
            collections.end(next.end);
          } else {
            stop.abort();
            await worked;
            stop = new AbortController();
            worked = (await workerOf(log, collections, 2, clock)).run(stop.signal);
          }
          await clock.pass(0);
        }
        stop.abort();
        await worked;
        expect(collections.most).toBeLessThanOrEqual(2);
        expect(collections.twice).toBe(0);
        const told = await runsTold(log);
        expect(new Set(told.map(({ id }) => id)).size).toBe(told.length);
        for (const job of COLLECTIONS) {
          const over = told.filter((run) => run.job === job && run.state === "SUCCEEDED");
          const instants = over.map(({ dueAt }) => dueAt);
          expect(instants).toEqual([...new Set(instants)].sort((a, b) => a - b));
        }
      }),
      { numRuns: 60 },
    );
  });

  it("have time for three attempts each before the evening is over", () => {
    for (const job of COLLECTIONS) expect(JOBS[job]).toMatchObject({ attempts: 3 });
  });
});
