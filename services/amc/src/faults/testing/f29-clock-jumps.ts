import { seededRandom } from "@amc/replay/seeded-random";
import { JOB_NAMES, JOBS, type JobName } from "@amc/streams/jobs/job-table";
import { isEarlyClose, isTradingDay } from "@amc/streams/market/calendar";
import { addDays, DAY_MS, weekdayOf } from "@amc/streams/market/calendar-date";
import { newYorkDateOf, newYorkToUtc } from "@amc/streams/market/event-time";
import { type ClockedBuild, ClockedJobs } from "./clocked-jobs.ts";
import type { Fault, FaultOutcome, FaultScope } from "./fault.ts";
import { caughtEach } from "./judge.ts";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const STEP_MS = 30 * MINUTE_MS;

// A leap day, both changes of the clocks, early closes, and the closure of 2025-01-09.
const FIRST_DATE = "2024-02-01";
const LAST_DATE = "2025-02-01";
const FROM_MS = newYorkToUtc(FIRST_DATE, "00:00");
const TO_MS = newYorkToUtc(LAST_DATE, "00:00");

/** What a clock may do: how far it is off for a while, or that it stands, or that its machine dies. */
const TRANSITIONS = [
  "hour-ahead",
  "hour-back",
  "day-ahead",
  "day-back",
  "stands",
  "killed",
] as const;
type Transition = (typeof TRANSITIONS)[number];

const OFFSET_MS: Partial<Record<Transition, number>> = {
  "hour-ahead": HOUR_MS,
  "hour-back": -HOUR_MS,
  "day-ahead": DAY_MS,
  "day-back": -DAY_MS,
};
/** Half hours until a clock that is off is set right, at most. */
const OFF_STEPS_MAX = 12;

export const CLOCK_JUMPS: Fault = {
  id: "F29",
  title: `a trading year, ${FIRST_DATE} to ${LAST_DATE}: a machine's clock jumps an hour or a day ahead or back, stands for hours, and scheduler and worker are killed in the middle`,
  invariant:
    "every daily run of every job is asked for once at its instant, or counted as missed where its day was over; each has one history; ticks only go forward",
  control:
    "a scheduler that goes by its machine's clock; and, beside a sound one, a worker that forgets what it did",
  strikes: { full: 400, reduced: 60, control: 30 },
  run,
};

interface Struck {
  readonly atStep: number;
  readonly transition: Transition;
  /** Steps until the clock is right again. */
  readonly steps: number;
}

async function run(scope: FaultScope): Promise<FaultOutcome> {
  if (scope.build === "sound") return await struck(scope, "sound");
  const found: Record<string, readonly string[]> = {};
  let strikes = 0;
  for (const build of ["by the clock", "forgetful worker"] as const) {
    const outcome = await struck(scope, build);
    found[build] = outcome.violations;
    strikes += outcome.strikes;
  }
  return { strikes, counts: {}, ...caughtEach(found) };
}

async function struck(scope: FaultScope, build: ClockedBuild): Promise<FaultOutcome> {
  const random = seededRandom(scope.seed);
  const steps = Math.floor((TO_MS - FROM_MS) / STEP_MS);
  const struck = plan(scope.strikes, steps, random);
  const jobs = await ClockedJobs.open(build, FROM_MS);
  const counts = new Map<string, number>(TRANSITIONS.map((name) => [name, 0]));
  let strikes = 0;
  let offsetMs = 0;
  let stoodAtMs: number | null = null;
  let rightAt = 0;
  const queue = [...struck];
  for (let step = 1; step <= steps; step += 1) {
    const trueMs = FROM_MS + step * STEP_MS;
    if (step === rightAt) [offsetMs, stoodAtMs] = [0, null];
    for (let next = queue[0]; next?.atStep === step; next = queue[0]) {
      queue.shift();
      strikes += 1;
      counts.set(next.transition, (counts.get(next.transition) ?? 0) + 1);
      scope.onStrike(strikes);
      if (next.transition === "killed") {
        // The scheduler commits each minute, so who is killed at any commit is hardly ever a worker.
        const who = random() < 0.5 ? "worker" : "either";
        jobs.killAtCommit(1 + Math.floor(random() * 6), who);
      } else if (next.transition === "stands") stoodAtMs = trueMs;
      else offsetMs = OFFSET_MS[next.transition] ?? 0;
      rightAt = step + next.steps;
    }
    await jobs.passTo(stoodAtMs ?? trueMs + offsetMs);
  }
  // Whatever it was that the clock was off, the day ends with a right one.
  await jobs.passTo(TO_MS + 2 * DAY_MS);
  const told = await jobs.examine(instantsOfTheYear(), FROM_MS, TO_MS);
  return {
    strikes,
    counts: { ...Object.fromEntries(counts), ...calendarCounts(), ...told.counts },
    violations: told.violations,
  };
}

/** Never two at once: one begins when the one before is over. */
function plan(strikes: number, steps: number, random: () => number): readonly Struck[] {
  const planned: Struck[] = [];
  const apart = steps / strikes;
  for (let index = 0; index < strikes; index += 1) {
    const longest = Math.max(1, Math.min(OFF_STEPS_MAX, Math.floor(apart / 2) - 1));
    const atStep = 1 + Math.floor(apart * (index + random() / 2));
    const transition = TRANSITIONS[index % TRANSITIONS.length] ?? "killed";
    planned.push({ atStep, transition, steps: 1 + Math.floor(random() * longest) });
  }
  return planned;
}

const wallClock = new Intl.DateTimeFormat("en-GB", {
  timeZone: "America/New_York",
  ...{ hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
});

/** Every daily run of the year by the time-zone data of Node, minute by minute, as `job instant`. */
function instantsOfTheYear(): ReadonlySet<string> {
  const wanted = new Set<string>();
  for (let atMs = FROM_MS + MINUTE_MS; atMs <= TO_MS; atMs += MINUTE_MS) {
    const time = wallClock.format(atMs);
    const utc = new Date(atMs).toISOString().slice(11, 16);
    for (const job of dailyAt(time, utc)) {
      if (runsOn(job, newYorkDateOf(atMs))) wanted.add(`${job} ${atMs}`);
    }
  }
  return wanted;
}

const DAILY = JOB_NAMES.flatMap((job) => {
  const schedule = JOBS[job];
  return schedule.kind === "daily" ? [{ job, ...schedule }] : [];
});

function dailyAt(newYork: string, utc: string): readonly JobName[] {
  return DAILY.filter(({ times, zone }) =>
    times.some((time: string) => time === (zone === "UTC" ? utc : newYork)),
  ).map(({ job }) => job);
}

function runsOn(job: JobName, date: string): boolean {
  const days = DAILY.find((daily) => daily.job === job)?.days ?? [];
  if (days === "every") return true;
  return days === "trading" ? isTradingDay(date) : days.some((day) => day === weekdayOf(date));
}

/** What the year itself has in store. */
function calendarCounts() {
  const dates: string[] = [];
  for (let date = FIRST_DATE; date < LAST_DATE; date = addDays(date, 1)) dates.push(date);
  const hours = (date: string) =>
    (newYorkToUtc(addDays(date, 1), "00:00") - newYorkToUtc(date, "00:00")) / HOUR_MS;
  return {
    "changes of the clocks": dates.filter((date) => hours(date) !== 24).length,
    "leap days": dates.filter((date) => date.endsWith("-02-29")).length,
    "early closes": dates.filter((date) => isTradingDay(date) && isEarlyClose(date)).length,
    "trading days": dates.filter(isTradingDay).length,
  };
}
