import { virtualClock } from "@amc/platform/http/testing/virtual-clock";
import { JobWorker } from "@amc/platform/jobs/job-worker";
import { withoutDeadlines } from "@amc/platform/jobs/testing/without-deadlines";
import { createMemoryLog } from "@amc/platform/log/memory";
import { systemLayout } from "@amc/platform/runtime/layout";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { expect, it } from "vitest";
import { runClock } from "./run-clock.ts";
import { ticksOf } from "./testing/ticks-of.ts";

const WAIT_MS = 2_000;
/** Ten minutes more than whole half-hours, at which the job is due. */
const LASTS_MS = 190 * 60_000;
const FROM_MS = newYorkToUtc("2025-09-08", "10:00") + 1_000;
const nothing = (): void => undefined;

/** For each run of an hourly job its instant and that of the newest tick when it was over. */
async function runs(isInline: boolean): Promise<readonly (readonly [number, number])[]> {
  const log = createMemoryLog(systemLayout(1), () => 0);
  const clock = virtualClock(FROM_MS);
  const seen: (readonly [number, number])[] = [];
  const stop = new AbortController();
  const handler = async (atMs: number): Promise<null> => {
    // Other things get their turn while it works.
    await new Promise((resolve) => setImmediate(resolve));
    seen.push([atMs, (await ticksOf(log, 0)).at(-1)?.happenedAt ?? 0]);
    return null;
  };
  const worker = await JobWorker.open({
    ...{ log, clock: withoutDeadlines(clock), group: "jobs.projector", source: "/test" },
    ...{ handlers: new Map([["data_quality_health_check", handler]]), concurrency: 1 },
    ...{ onEnded: nothing, onRefused: nothing },
  });
  const observer = {
    opened: nothing,
    published: () => {
      if (clock.nowMs() >= FROM_MS + LASTS_MS) stop.abort();
    },
  };
  const schedule = { tickMs: 30_000, slotMinutes: 15 };
  const doJobs = async (signal: AbortSignal): Promise<void> => void (await worker.workOff(signal));
  const time = { log, clock, waitMs: WAIT_MS, schedule, observer };
  await runClock(isInline ? { ...time, doJobs } : time, stop.signal);
  await worker.workOff(new AbortController().signal);
  return seen;
}

it("time waits for the jobs of each tick where they are inline: nothing is newer than what they do (R-ENV-17)", async () => {
  const seen = await runs(true);
  expect(seen.length).toBeGreaterThan(2);
  expect(seen.map(([atMs, tickMs]) => tickMs - atMs)).toEqual(seen.map(() => 0));
});

it("time goes on without them otherwise: the control", async () => {
  const [first] = await runs(false);
  expect(first === undefined ? 0 : first[1] - first[0]).toBeGreaterThan(0);
});
