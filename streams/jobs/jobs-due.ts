import { isTradingDay } from "../market/calendar.ts";
import {
  addDays,
  DAY_MS,
  dateOfDayNumber,
  dayNumberOf,
  weekdayOf,
} from "../market/calendar-date.ts";
import { dayStart, hasWholeMinute } from "../market/clock-ticks.ts";
import { MarketTimeError } from "../market/errors.ts";
import { newYorkDateOf, newYorkToUtc } from "../market/event-time.ts";
import { sessionBoundsAt } from "../market/sessions.ts";
import {
  type DailySchedule,
  type During,
  JOB_NAMES,
  JOBS,
  type Job,
  type JobName,
  type PeriodicSchedule,
} from "./job-table.ts";

const HALF_HOUR_MS = 30 * 60_000;
const SEEN_AHEAD_MS = 8 * DAY_MS;

/** One run of a job that is due. */
export interface DueJob {
  readonly job: JobName;
  /** Instant of its schedule, UTC ms; with the name it identifies the run. */
  readonly atMs: number;
}

export interface DueJobs {
  /** Ascending by instant, then by name. */
  readonly runs: readonly DueJob[];
  /** Daily runs of days that were over before anybody could ask for them. */
  readonly missed: number;
}

/**
 * The runs of jobs in (afterMs, untilMs], both UTC ms.
 *
 * Misfires: a daily job is made up for as long as its day goes on (04:00 ET to 04:00 ET), later it is
 * missed and counted: its next run does the work of both. A periodic job that was missed runs once:
 * doing it twice in a row tells nothing. What is to run late runs at the newest instant that its part
 * of the day had, also when that is over; what is skipped runs only if its part of the day goes on.
 *
 * A function of its arguments: however the time line is cut into calls, every daily run is in exactly
 * one answer. Throws `market-time.outside-calendar` where the calendar ends.
 */
export function jobsDue(afterMs: number, untilMs: number): DueJobs {
  const sinceMs = Math.max(afterMs, dayStart(untilMs) - 1);
  const runs: DueJob[] = [];
  let missed = 0;
  for (const job of JOB_NAMES) {
    const schedule: Job = JOBS[job];
    if (schedule.kind === "daily") {
      for (const atMs of dailyInstants(schedule, sinceMs, untilMs)) runs.push({ job, atMs });
      missed += dailyInstants(schedule, afterMs, sinceMs).length;
    } else {
      const isLate = schedule.misfire === "run-once-late";
      const atMs = newestPeriod(schedule, sinceMs, untilMs, isLate);
      if (atMs !== null) runs.push({ job, atMs });
    }
  }
  return { runs: runs.sort(compareRuns), missed };
}

function compareRuns(a: DueJob, b: DueJob): number {
  return a.atMs - b.atMs || (a.job < b.job ? -1 : 1);
}

function dailyInstants(schedule: DailySchedule, afterMs: number, untilMs: number): number[] {
  if (!hasWholeMinute(afterMs, untilMs)) return [];
  const instants: number[] = [];
  const dateOf = schedule.zone === "UTC" ? utcDateOf : newYorkDateOf;
  const lastDate = dateOf(untilMs);
  for (let date = dateOf(afterMs); date <= lastDate; date = addDays(date, 1)) {
    if (!runsOn(schedule, date)) continue;
    for (const time of schedule.times) {
      const atMs = schedule.zone === "UTC" ? utcInstant(date, time) : newYorkToUtc(date, time);
      if (atMs > afterMs && atMs <= untilMs) instants.push(atMs);
    }
  }
  return instants;
}

function runsOn({ days }: DailySchedule, date: string): boolean {
  if (days === "every") return true;
  return days === "trading" ? isTradingDay(date) : days.includes(weekdayOf(date));
}

/**
 * The next instant of a job's schedule after another, UTC ms; null where there is none in eight days,
 * which hold every weekday and the longest closure of the exchanges, and where the calendar ends.
 */
export function nextDue(job: JobName, afterMs: number): number | null {
  try {
    return nextInstant(job, afterMs);
  } catch (error) {
    const isBeyond =
      error instanceof MarketTimeError && error.code === "market-time.outside-calendar";
    if (isBeyond) return null;
    throw error;
  }
}

function nextInstant(job: JobName, afterMs: number): number | null {
  const schedule: Job = JOBS[job];
  const untilMs = afterMs + SEEN_AHEAD_MS;
  if (schedule.kind === "daily") return dailyInstants(schedule, afterMs, untilMs)[0] ?? null;
  const { everyMs, during } = schedule;
  let atMs = (Math.floor(afterMs / everyMs) + 1) * everyMs;
  while (!isDuring(during, atMs)) {
    if (atMs > untilMs) return null;
    atMs = afterHalfHour(atMs, everyMs);
  }
  return atMs;
}

/** The newest instant alone; `isLate` looks for it in a part of the day that may be over. */
function newestPeriod(
  { everyMs, during }: PeriodicSchedule,
  afterMs: number,
  untilMs: number,
  isLate: boolean,
): number | null {
  let atMs = Math.floor(untilMs / everyMs) * everyMs;
  while (atMs > afterMs && !isDuring(during, atMs)) {
    if (!isLate) return null;
    atMs -= everyMs;
  }
  return atMs > afterMs ? atMs : null;
}

/** Every part of a day begins on a half hour, which every period stands on or is a multiple of. */
function afterHalfHour(atMs: number, everyMs: number): number {
  const stepMs = Math.max(everyMs, HALF_HOUR_MS);
  return (Math.floor(atMs / stepMs) + 1) * stepMs;
}

function isDuring(during: During, atMs: number): boolean {
  if (during === "always") return true;
  const bounds = sessionBoundsAt(atMs);
  if (bounds === null) return during === "off-hours";
  const { premarketOpenMs, openMs, closeMs } = bounds;
  const isRegular = atMs >= openMs && atMs < closeMs;
  switch (during) {
    case "regular":
      return isRegular;
    case "regular-to-close":
      return isRegular || atMs === closeMs;
    case "premarket-and-regular":
      return atMs >= premarketOpenMs && atMs < closeMs;
    case "off-hours":
      return !isRegular;
  }
}

function utcDateOf(epochMs: number): string {
  return dateOfDayNumber(Math.floor(epochMs / DAY_MS));
}

function utcInstant(date: string, time: string): number {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return dayNumberOf(date) * DAY_MS + (hours * 60 + minutes) * 60_000;
}
