import type { WaitingClock } from "@amc/platform/http/waiting-clock";
import type { JobHandler } from "@amc/platform/jobs/job-runner";
import { JobWorker } from "@amc/platform/jobs/job-worker";
import { jobTick } from "@amc/platform/jobs/testing/job-tick";
import { runsTold } from "@amc/platform/jobs/testing/runs-told";
import { withoutDeadlines } from "@amc/platform/jobs/testing/without-deadlines";
import { createMemoryLog } from "@amc/platform/log/memory";
import type { Log } from "@amc/platform/log/port";
import { logWithCommit } from "@amc/platform/log/testing/log-with-commit";
import { systemLayout } from "@amc/platform/runtime/layout";
import { LiveClock, type PublishedTicks } from "@amc/scheduler/live-clock";
import { jobRunsOf, ticksOf } from "@amc/scheduler/testing/ticks-of";
import { JOB_NAMES, JOBS, type JobName } from "@amc/streams/jobs/job-table";
import { jobsDue } from "@amc/streams/jobs/jobs-due";

const SCHEDULE = { tickMs: 60_000, slotMinutes: 15 };
const GROUP = "jobs.short-interest";
const DAILY = JOB_NAMES.filter((job) => JOBS[job].kind === "daily");
const KILLED = "killed by the test";
const never = new AbortController().signal;

/** Which half is broken, or none of them; the scheduler goes by the machine's clock, or the worker forgets what it did. */
export type ClockedBuild = "sound" | "by the clock" | "forgetful worker";

type Mortal = "scheduler" | "worker";

/** Scheduler and worker of all daily jobs over one log, by a clock that is set by the test. */
export class ClockedJobs {
  readonly #log: Log = createMemoryLog(systemLayout(1), () => 0);
  readonly #build: ClockedBuild;
  #nowMs: number;
  #scheduler: LiveClock | null = null;
  #worker: JobWorker | null = null;
  /** Commits until the next kill, of whom it is wanted; null while none is. */
  #kill: { readonly who: Mortal | "either"; commitsLeft: number } | null = null;
  /** Of a scheduler by the clock: as it was read last. */
  #readMs: number;
  #missed = 0;
  #kills = 0;
  #works = 0;

  private constructor(build: ClockedBuild, fromMs: number) {
    this.#build = build;
    this.#nowMs = fromMs;
    this.#readMs = fromMs;
  }

  static async open(build: ClockedBuild, fromMs: number): Promise<ClockedJobs> {
    const jobs = new ClockedJobs(build, fromMs);
    await jobs.passTo(fromMs);
    return jobs;
  }

  /** From now on the n-th commit, of one of them or of both together, kills who makes it. */
  killAtCommit(commitsLeft: number, who: Mortal | "either"): void {
    this.#kill = { who, commitsLeft };
  }

  /** The clock shows an instant, UTC ms: what is due by it is asked for and done. */
  async passTo(nowMs: number): Promise<void> {
    this.#nowMs = nowMs;
    // Twice at most: a kill ends one of them, and whoever comes next goes on.
    while (!(await this.#survives(() => this.#publish(nowMs)))) this.#scheduler = null;
    while (!(await this.#survives(() => this.#work()))) this.#worker = null;
  }

  async #survives(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (!(error instanceof Error && error.message === KILLED)) throw error;
      this.#kills += 1;
      return false;
    }
  }

  async #publish(nowMs: number): Promise<void> {
    if (this.#build === "by the clock") return await this.#publishByTheClock(nowMs);
    if (this.#scheduler === null) {
      this.#scheduler = await LiveClock.open(this.#mortal("scheduler"), SCHEDULE);
      this.#count(this.#scheduler.recovered);
    }
    this.#count(await this.#scheduler.publish(nowMs));
  }

  /** Its plan is in the log before the kill can hit what it counts, so nothing is counted twice. */
  #count(published: PublishedTicks | null): void {
    this.#missed += published?.missedRuns ?? 0;
  }

  /** What has become due since the clock was looked at last, whatever was asked for before. */
  async #publishByTheClock(nowMs: number): Promise<void> {
    const { runs, missed } = jobsDue(Math.min(this.#readMs, nowMs), nowMs);
    this.#readMs = nowMs;
    this.#missed += missed;
    await this.#log.commit({ appends: runs.map(({ job, atMs }) => jobTick(job, atMs)) });
  }

  async #work(): Promise<void> {
    const handler: JobHandler = async () => {
      this.#works += 1;
      return null;
    };
    const mortal = this.#mortal("worker");
    const log = this.#build === "forgetful worker" ? forgetful(mortal) : mortal;
    this.#worker ??= await JobWorker.open({
      ...{ log, clock: this.#clock(), group: GROUP, source: "/faults" },
      handlers: new Map<JobName, JobHandler>(DAILY.map((job) => [job, handler])),
      concurrency: 2,
      onEnded: () => undefined,
      onRefused: () => undefined,
    });
    await this.#worker.workOff(never);
  }

  /** Waits for another attempt are over at once; what waits for longer than those would hang. */
  #clock(): WaitingClock {
    const nowMs = () => this.#nowMs;
    return withoutDeadlines({ nowMs, elapsedMs: nowMs, sleep: async () => undefined });
  }

  /** The log of a process that may be killed. */
  #mortal(who: Mortal): Log {
    return logWithCommit(this.#log, async (commit) => {
      const kill = this.#kill;
      if (kill !== null && (kill.who === who || kill.who === "either")) {
        kill.commitsLeft -= 1;
        if (kill.commitsLeft <= 0) {
          this.#kill = null;
          throw new Error(KILLED);
        }
      }
      return await this.#log.commit(commit);
    });
  }

  /** Holds what is in the log to the instants that a calendar has, as `job instant`. */
  async examine(wanted: ReadonlySet<string>, fromMs: number, toMs: number) {
    const violations: string[] = [];
    const isOurs = (job: string, atMs: number) =>
      DAILY.some((name) => name === job) && atMs > fromMs && atMs <= toMs;
    const asked = (await jobRunsOf(this.#log)).flatMap((line) => {
      const [instant = "", job = ""] = line.split(" ");
      const atMs = Date.parse(instant);
      return isOurs(job, atMs) ? [`${job} ${atMs}`] : [];
    });
    const once = new Set(asked);
    if (once.size !== asked.length) {
      violations.push(`${asked.length - once.size} runs were asked for again`);
    }
    const strange = asked.filter((run) => !wanted.has(run));
    if (strange.length > 0)
      violations.push(`asked for at no instant of its schedule: ${strange[0]}`);
    const never = [...wanted].filter((run) => !once.has(run));
    // Of the two days behind the year nobody counts, so at least as many as the year lacks.
    if (never.length > this.#missed) {
      violations.push(
        `${never.length} were never asked for, and ${this.#missed} counted as missed`,
      );
    }
    violations.push(...(await this.#historyProblems(once)), ...(await this.#tickProblems()));
    const { counts } = { counts: { asked: once.size, missed: never.length, kills: this.#kills } };
    return { violations, counts: { ...counts, works: this.#works } };
  }

  /** Every run that was asked for has begun and ended, or was skipped, once. */
  async #historyProblems(asked: ReadonlySet<string>): Promise<string[]> {
    const told = await runsTold(this.#log);
    const ids = new Set(told.map(({ id }) => id));
    const ends = new Map<string, number>();
    for (const { job, dueAt, state, retryAt } of told) {
      if (state === "STARTED" || retryAt !== null) continue;
      ends.set(`${job} ${dueAt}`, (ends.get(`${job} ${dueAt}`) ?? 0) + 1);
    }
    const open = [...asked].filter((run) => !ends.has(run));
    const twice = [...ends].filter(([, count]) => count > 1);
    return [
      ...(ids.size === told.length ? [] : [`${told.length - ids.size} steps were told twice`]),
      ...(open.length === 0 ? [] : [`${open.length} runs have no end, the first ${open[0]}`]),
      ...(twice.length === 0
        ? []
        : [`${twice.length} runs ended twice, the first ${twice[0]?.[0]}`]),
    ];
  }

  async #tickProblems(): Promise<string[]> {
    const ticks = await ticksOf(this.#log, 0);
    const back = ticks.filter(({ happenedAt }, index) => {
      const before = ticks[index - 1];
      return before !== undefined && happenedAt <= before.happenedAt;
    });
    return back.length === 0 ? [] : [`${back.length} ticks went back`];
  }
}

/**
 * The log of a process that does not know at a start what it did before. With its positions it would still
 * know most of it: a run has the ids it had, and is asked for once.
 */
function forgetful(log: Log): Log {
  return { ...log, state: async function* () {}, positions: async () => [] };
}
