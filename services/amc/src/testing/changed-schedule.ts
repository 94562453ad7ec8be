import { virtualClock } from "@amc/platform/http/testing/virtual-clock";
import type { WaitingClock } from "@amc/platform/http/waiting-clock";
import { JOBS } from "@amc/streams/jobs/job-table";
import { scheduleRows } from "@amc/streams/short-interest/finra-calendar";

/** What a check says of `changedPage`. */
export const CHANGED_PERIOD = "2025-09-15 is due on 2025-09-18, by the calendar on 2025-09-17";

/** FINRA's page of 2025 with one due date a day later than the calendar's. */
export function changedPage(): string {
  const rows = scheduleRows(2025).map((row, index) => {
    const due = index === 16 ? "2025-09-18" : row.dueDate;
    return `<tr><td>${row.settlementDate}</td><td>${due}</td></tr>`;
  });
  return `<table><tr><th>Settlement Date</th><th>Due Date</th></tr>${rows.join("")}</table>`;
}

/** Time passes with whoever waits, but for the deadline of the check, which would be over at once. */
export function clockOfCheck(atMs: number): WaitingClock {
  const clock = virtualClock(atMs);
  return {
    ...clock,
    sleep: async (ms, signal) => {
      if (ms !== JOBS["check-finra-schedule"].limitMs || signal === undefined) {
        return await clock.sleep(ms);
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      signal.addEventListener("abort", () => resolve(), { once: true });
      await promise;
    },
  };
}
