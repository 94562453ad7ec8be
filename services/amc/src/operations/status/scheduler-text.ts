import { isoUtc } from "@amc/streams/market/event-time";
import { formatCount } from "../../output/format.ts";
import type { SchedulerStanding } from "./scheduler-standing.ts";

/** What to do about a clock that stands still. */
export const SCHEDULER_MEND =
  "npm run amc -- run scheduler, if none runs; /readyz of one that does says why (docs/runbook.md, AmcClockSilent)";

/** One line about who publishes time. */
export function schedulerText({ state, publishedMs, overdueMs }: SchedulerStanding): string {
  const last = publishedMs === null ? "" : `last tick ${isoUtc(publishedMs)}`;
  switch (state) {
    case "publishing":
      return `publishes: ${last}`;
    case "standing-still":
      return `stands still: ${last}, the next is ${formatCount(Math.round((overdueMs ?? 0) / 1_000))} s overdue`;
    case "off":
      return ["switched off (SCHEDULER_ENABLED)", last].filter((part) => part !== "").join(", ");
    case "none":
      return "none has published: time is that of recordings";
  }
}

/** One line about the newest run of every job that somebody does, and how many nobody does. */
export function jobsText({ jobs }: SchedulerStanding): string {
  if (jobs.length === 0) return "none asked for";
  const attended = jobs.filter(({ outcome }) => outcome !== "unattended");
  const told = attended.map(
    ({ job, atMs, outcome }) =>
      `${job} of ${isoUtc(atMs)} ${outcome === "over" ? "is over" : "waits for a projector"}`,
  );
  const unattended = jobs.length - attended.length;
  if (unattended > 0) told.push(`${unattended} more are asked for and done by nobody yet`);
  return told.join("; ");
}
