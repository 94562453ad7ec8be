/**
 * A scheduler on the real log whose time passes as fast as the log takes ticks, to be killed by a test.
 * Arguments: first instant, last instant, ms between ticks, mode. Writes a line with each instant that
 * is acknowledged. The mode `forgetful` is deliberately broken; a checker that does not notice it proves
 * nothing.
 */
import { writeSync } from "node:fs";
import { loadProcessConfig } from "@amc/platform/config/load-config";
import { virtualClock } from "@amc/platform/http/testing/virtual-clock";
import { runClock } from "@amc/scheduler/run-clock";
import { forgetfulLog } from "@amc/scheduler/testing/ticks-of";
import { openServiceLog } from "../run/service-log.ts";

const STDOUT = 1;
const [fromMs = 0, toMs = 0, tickMs = 0] = process.argv.slice(2, 5).map(Number);
const isForgetful = process.argv[5] === "forgetful";

const variables = loadProcessConfig("scheduler");
const log = await openServiceLog(variables, {
  ...{ role: "scheduler", instance: 0 },
  onRestored: () => undefined,
});
const stop = new AbortController();
const clock = virtualClock(fromMs);
await runClock(
  {
    ...{
      log: isForgetful ? forgetfulLog(log) : log,
      waitMs: 0,
      schedule: { tickMs, slotMinutes: 15 },
    },
    clock: {
      ...clock,
      sleep: async (ms) => {
        await clock.sleep(ms);
        if (clock.nowMs() > toMs) stop.abort();
      },
    },
    observer: {
      opened: () => undefined,
      published: ({ ticks }) => {
        // Straight to the pipe: what was said before a kill has been said.
        for (const atMs of ticks) writeSync(STDOUT, `${atMs}\n`);
      },
    },
  },
  stop.signal,
);
await log.close();
